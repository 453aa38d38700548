"""Version 2 of the pretend Skilljar's API, over the same organization as version 1 (reference: skilljar-v2)."""
