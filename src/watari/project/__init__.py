"""A team's project: settings, database addresses and secrets as values, read once at the start."""

from watari.project.policy import Policy
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

__all__ = ["DatabaseUrl", "Policy", "Secret"]
