"""One file a kind of statement, each with `KINDS`; the folder is the registry."""
