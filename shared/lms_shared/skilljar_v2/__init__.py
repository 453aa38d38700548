"""Version 2 of Skilljar's API, for the source and the destination alike (reference: Skilljar API version 2)."""
