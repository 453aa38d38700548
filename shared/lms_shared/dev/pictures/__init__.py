"""`make pictures`: the forms and the report page as the docs show them, drawn by a headless Chromium."""
