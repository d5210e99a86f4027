"""One file a safe form, each with `FORM`; the folder is the registry."""
