"""A live database in, backups that are known to restore out, and a database restored beside it; never over it.

`create` makes one, `verification` proves it, `shelf` lists and counts, `retention` prunes, `restore` brings one back beside,
`swap` exchanges names and lets go of what was kept, `loss` tells what going back gives up.
"""
