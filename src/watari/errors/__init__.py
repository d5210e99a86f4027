"""One tree of conditions, each with its exit status and its hint.

WatariError
├── UsageError (2)         the caller's arguments, files and settings          usage.py
├── ReachError (3)         server, tool or privilege out of reach              reach.py, programs.py
├── GateRefused (4)        something that must hold before a run does not      refused.py
└── RunStopped (5)         a run stands in a named state                       stopped.py
    └── RunInterrupted (130)
"""

from watari.errors.base import ExitStatus, WatariError
from watari.errors.reach import ReachError
from watari.errors.refused import GateRefused
from watari.errors.stopped import RunInterrupted, RunStopped
from watari.errors.usage import UsageError

__all__ = [
    "ExitStatus",
    "GateRefused",
    "ReachError",
    "RunInterrupted",
    "RunStopped",
    "UsageError",
    "WatariError",
]
