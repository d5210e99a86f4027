"""Measurements with peers beside us, in one run, on one server; `make bench` prints the tables."""
