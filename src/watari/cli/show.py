"""Values as plain lists and dictionaries: the JSON keys that others script against, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watari.locale import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watari.crossing import Crossing
    from watari.evidence import Effect, Run
    from watari.evidence.blocker import Blocker
    from watari.migrations import Standing
    from watari.risk.hazard import Judgement
    from watari.verification.verdict import Verdict


def standing_document(crossing: Crossing, standing: Standing, language: Language) -> dict[str, Any]:
    """One entry of `databases[]` of `status --json`."""
    return {
        "database": crossing.target.database,
        "environment": crossing.target.environment,
        "framework": crossing.framework.name,
        "state": standing.state.value,
        "applied": [
            {"id": row.id, "name": row.name, "applied_at": row.applied_at.isoformat() if row.applied_at else None}
            for row in standing.applied
        ],
        "pending": [{"id": migration.id, "name": migration.name} for migration in standing.pending],
        "problems": [
            {
                "kind": problem.kind.value,
                "migration": problem.migration,
                "message": problem.message.render(language),
            }
            for problem in standing.problems
        ],
    }


def judgement_document(judgement: Judgement, language: Language) -> dict[str, Any]:
    """`statements[]`, `hazards[]`, `allowances[]` and `unseen[]` of `check --json`."""
    return {
        "statements": [
            {
                "file": judged.statement.file,
                "line": judged.statement.line,
                "column": judged.statement.column,
                "sql": judged.statement.text,
                "blocks": judged.effects.blocks.value,
                "effects": [effect_document(effect, judged.effects.formerly) for effect in judged.effects.effects],
                "error": judged.error,
            }
            for judged in judgement.statements
        ],
        "hazards": [
            {
                "rule": hazard.rule,
                "level": hazard.level.value,
                "file": hazard.file,
                "line": hazard.line,
                "column": hazard.column,
                "object": hazard.object,
                "message": hazard.message.render(language),
                "facts": dict(hazard.facts),
                "safer": hazard.safer,
            }
            for hazard in judgement.hazards
        ],
        "allowances": [
            {
                "rules": list(allowance.rules),
                "reason": allowance.reason,
                "file": allowance.file,
                "line": allowance.line,
                "hazards": allowance.hazards,
            }
            for allowance in judgement.allowances
        ],
        "unseen": list(judgement.unseen),
    }


def effect_document(effect: Effect, formerly: Mapping[str, str]) -> dict[str, Any]:
    """One entry of `effects[]`: `relation` is the live database's name, `called` the one that a statement before has given it."""
    live = formerly.get(effect.relation)
    return {
        "relation": live or effect.relation,
        **({"called": effect.relation} if live else {}),
        "lock": str(effect.lock) if effect.lock else None,
        "rewrite": effect.rewrite,
        "scan": effect.scan,
        "destroys": effect.destroys,
        "created": effect.created,
    }


def run_document(run: Run) -> dict[str, Any]:
    """`apply --json`, `rollback --json` and `runs N --json`."""
    return {
        "run": run.id,
        "state": run.state.value,
        "direction": run.direction.value,
        "database": run.database,
        "environment": run.environment,
        "plan": run.plan_sha256,
        "started_at": run.started_at.isoformat(),
        "seconds": run.seconds,
        "migrations": list(run.migrations),
        "command": list(run.command),
        "error": run.error,
        "log": run.log_file,
        "starts": [
            {
                "number": start.number,
                "state": start.state,
                "started_at": start.started_at.isoformat(),
                "ended_at": start.ended_at.isoformat() if start.ended_at else None,
                "by": start.by,
                "host": start.host,
                "version": start.version,
                "log": start.log_file,
                "error": start.error,
            }
            for start in run.starts
        ],
        "steps": [
            {
                "id": step.id,
                "migration": step.migration,
                "kind": step.kind,
                "state": step.state.value,
                "attempts": step.attempts,
                "seconds": step.seconds,
                "longest_lock_seconds": step.longest_lock_seconds,
                "waited_seconds": step.waited_seconds,
                "blockers": list(map(str, step.blockers)),
                "in_the_way": [_in_the_way(blocker) for blocker in step.blockers],
                "error": step.error,
                "tries": [
                    {
                        "number": each.number,
                        "state": each.state,
                        "started_at": each.started_at.isoformat(),
                        "seconds": each.seconds,
                        "error": each.error,
                        "blockers": list(map(str, each.blockers)),
                    }
                    for each in step.tries
                ],
            }
            for step in run.steps
        ],
    }


def _in_the_way(blocker: Blocker | str) -> dict[str, object]:
    return {"line": blocker} if isinstance(blocker, str) else blocker.as_json() | {"line": str(blocker)}


def verdict_document(verdict: Verdict, language: Language) -> dict[str, Any]:
    """One entry of `verdicts[]` of `verify --json`."""
    return {
        "name": verdict.name,
        "state": verdict.state.value,
        "object": verdict.object,
        "expected": verdict.expected,
        "actual": verdict.actual,
        "query": verdict.query,
        "message": verdict.message.render(language),
    }
