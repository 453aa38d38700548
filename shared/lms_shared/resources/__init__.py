"""Objects of an LMS's own API, declared as tables: one entry of TOML for each, over REST or GraphQL.

`load_toml` reads the entries, `declare` says what the engine, `discover` and the docs know of them, and `ResourceSink`
writes their rows. What no table can say of a resource is in its `ResourceHooks`.
"""
