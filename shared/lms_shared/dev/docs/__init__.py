"""The tables of a destination's README, made from its declarations and its form."""
