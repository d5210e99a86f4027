"""A gate is closed: something that must hold before a run does not. Nothing was changed."""

from __future__ import annotations

from watari.errors.base import ExitStatus, WatariError
from watari.locale import Text


class GateRefused(WatariError):
    """One gate refused; `reason` says what does not hold, `todo` what opens it."""

    status = ExitStatus.GATE
    text = Text(en='gate "{gate}" refused: {reason}', ja='ゲート "{gate}" を通過できません: {reason}')
    hint = Text(en="{todo}", ja="{todo}")
