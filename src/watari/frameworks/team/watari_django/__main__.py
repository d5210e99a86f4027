"""One call: `render` answers with JSON on standard output, the others with an exit status."""

from __future__ import annotations

import json
import os
import sys

from .project import Request, as_manage, said


def main(mode: str, request: Request) -> int:
    """What the team's code prints goes to standard error, so that standard output holds the answer alone."""
    if mode != "render":
        from .step import run

        return run(mode, request)
    answer_to = os.dup(1)
    os.dup2(2, 1)
    answer = _answer(request)
    with os.fdopen(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer, out)
    return 0


def _answer(request: Request) -> dict[str, object]:
    try:
        import django
    except ImportError as missing:
        return {"missing": str(missing)}
    from .render import rendered

    os.environ.setdefault("DATABASE_URL", "postgresql://watari@127.0.0.1:9/offline")
    try:
        answer = as_manage(request, lambda: rendered(request))
    except (Exception, SystemExit) as failure:  # a team's settings may do anything
        return {"error": said(failure)}
    return {"django": django.get_version(), **answer}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads(sys.argv[2])))
