"""How far a stream was read, and the states that say so."""
