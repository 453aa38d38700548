"""From an answer's rows to the records of a stream."""
