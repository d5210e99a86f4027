"""Code that runs inside a team's own interpreter, where watari is not installed; each folder is put on its path as a whole."""
