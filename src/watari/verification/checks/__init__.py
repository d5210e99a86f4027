"""One file a check: its `CHECK` says what it is called and compares."""
