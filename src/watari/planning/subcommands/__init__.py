"""One file a group of ALTER TABLE subcommands, each with `SUBCOMMANDS`; the folder is the registry."""
