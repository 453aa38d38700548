"""The writable resources of the Skilljar API as objects: `objects/*.toml` says what they are, one sink writes them."""
