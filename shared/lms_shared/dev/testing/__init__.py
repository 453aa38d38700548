"""For tests of the engine and of adapters: an LMS in memory, and the conformance suite that every adapter must pass."""
