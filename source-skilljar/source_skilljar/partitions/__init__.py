"""What a stream is read in: one part for each row of its parent."""
