"""Watari takes a PostgreSQL database across a schema change and, when needed, back."""

__all__ = ["__version__"]

__version__ = "0.1.0"
