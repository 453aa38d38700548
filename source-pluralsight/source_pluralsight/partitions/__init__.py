"""The parts in which a stream is read: whole lists, lists of one parent, windows of time."""
