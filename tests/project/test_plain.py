"""Values as the JSON that `--json` prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from watari.catalog.locks import LockMode
from watari.evidence import Effect, StepOutcome, StepState
from watari.project.plain import plain


def test_lock_modes_carry_postgresqls_own_names_however_deep_they_stand() -> None:
    effect = Effect(relation="public.a", lock=LockMode.ACCESS_EXCLUSIVE)
    step = StepOutcome(
        id="1",
        migration=None,
        kind="transaction",
        state=StepState.DONE,
        started_at=datetime(2026, 11, 21, tzinfo=UTC),
        effects=(effect, Effect(relation="public.b")),
    )
    document = json.loads(json.dumps(plain([step])))[0]
    assert [each["lock"] for each in document["effects"]] == ["ACCESS EXCLUSIVE", None]
    assert (document["state"], document["started_at"]) == ("done", "2026-11-21T00:00:00Z")
    assert plain(LockMode.SHARE) == "SHARE"
