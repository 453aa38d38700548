"""Which streams a key has, and what each of them asks."""
