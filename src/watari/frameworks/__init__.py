"""Migration frameworks as they are: a folder in, migrations and history out; one file a framework."""

from watari.frameworks.framework import Command, Detection, Framework, FrameworkSettings

__all__ = ["Command", "Detection", "Framework", "FrameworkSettings"]
