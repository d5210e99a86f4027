"""Scripts and statements: bytes and psql commands in, statements with their place and PostgreSQL's own parse tree out."""

from watari.sql.statement import Script, Statement

__all__ = ["Script", "Statement"]
