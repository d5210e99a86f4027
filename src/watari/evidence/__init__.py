"""What the world answered: effects, events, rehearsal evidence, backups and runs, as values that decisions read."""

from watari.late import late

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from watari.evidence.backup import Backup, BackupContent, BackupFile, BackupFormat, VerificationLevel
    from watari.evidence.effect import Blocks, Effect, StatementEffects
    from watari.evidence.event import Event, EventKind, EventSink, ignore, said
    from watari.evidence.evidence import Evidence, Proof
    from watari.evidence.restoration import KeptDatabase, Loss, Restoration
    from watari.evidence.run import Direction, Run, RunState, StepOutcome, StepState

__all__ = [
    "Backup",
    "BackupContent",
    "BackupFile",
    "BackupFormat",
    "Blocks",
    "Direction",
    "Effect",
    "Event",
    "EventKind",
    "EventSink",
    "Evidence",
    "KeptDatabase",
    "Loss",
    "Proof",
    "Restoration",
    "Run",
    "RunState",
    "StatementEffects",
    "StepOutcome",
    "StepState",
    "VerificationLevel",
    "ignore",
    "said",
]

__getattr__ = late(
    __name__,
    {
        "Backup": "backup",
        "BackupContent": "backup",
        "BackupFile": "backup",
        "BackupFormat": "backup",
        "Blocks": "effect",
        "Direction": "run",
        "Effect": "effect",
        "Event": "event",
        "EventKind": "event",
        "EventSink": "event",
        "Evidence": "evidence",
        "KeptDatabase": "restoration",
        "Loss": "restoration",
        "Proof": "evidence",
        "Restoration": "restoration",
        "Run": "run",
        "RunState": "run",
        "StatementEffects": "effect",
        "StepOutcome": "run",
        "StepState": "run",
        "VerificationLevel": "backup",
        "ignore": "event",
        "said": "event",
    },
)
