"""The plan on a clone, by the very runner that will run it: evidence comes out, of what it does and whether it comes back.

`rehearse.rehearse` is the way in; `clones/` holds one file a way to get a clone.
"""
