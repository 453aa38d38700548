"""A connector's config: each key is declared once, and the form, the defaults and the parsing follow from it."""
