"""Readers of the event stream, one file each: what happens goes in, a log, a file of events or numbers come out."""
