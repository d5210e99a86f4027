"""The parts of a backfill: which pages there are, how many at once, and the sending of one batch."""
