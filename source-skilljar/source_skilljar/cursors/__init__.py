"""What an incremental sync reads, and the states that it leaves."""
