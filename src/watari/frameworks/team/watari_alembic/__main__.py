"""One call: `render` answers with JSON on standard output, `upgrade` and `downgrade` with an exit status."""

from __future__ import annotations

import json
import os
import sys

from .project import Request, said


def main(mode: str, request: Request) -> int:
    """What the team's code prints goes to standard error, so that standard output holds the answer alone."""
    if mode in ("upgrade", "downgrade"):
        from .step import run

        return run(request, up=mode == "upgrade")
    answer_to = os.dup(1)
    os.dup2(2, 1)
    answer = _answer(request)
    with os.fdopen(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer, out)
    return 0


def _answer(request: Request) -> dict[str, object]:
    try:
        import alembic
    except ImportError as missing:
        return {"missing": str(missing)}
    from .render import rendered

    try:
        answer = rendered(request)
    except (Exception, SystemExit) as failure:  # a team's env.py may do anything
        return {"error": said(failure)}
    return {"alembic": alembic.__version__, **answer}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
