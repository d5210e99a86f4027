"""A shop with a live application on a throw-away server, taken across a migration history and back."""
