"""The chapters of a report, one file each: a `Report` goes in, a `Section` comes out. The folder is the registry."""
