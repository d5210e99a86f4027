"""`watari doctor`: everything that must be right before the night."""

from __future__ import annotations

from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus
from watari.locale import Text

_OK = Text(en="ok", ja="良好")
_WRONG = Text(en="WRONG", ja="要対応")
_NOTE = Text(en="note", ja="注意")
_ALL = Text(en="{database}: everything is right", ja="{database}: 問題ありません")


def run(context: Context) -> ExitStatus:
    """Server, privileges, client tools, extensions, poolers, disk; changes nothing. 1 where something is not right."""
    found = [(crossing, crossing.examine()) for crossing in context.crossings()]
    if context.wants_json:
        documents = [
            {
                "database": crossing.target.database,
                "findings": [
                    {"name": f.name, "right": f.right, "note": f.note, "message": context.words(f.message)}
                    for f in findings
                ],
            }
            for crossing, findings in found
        ]
        context.document({"databases": documents})
    for crossing, findings in () if context.wants_json else found:
        for finding in findings:
            word = _OK if finding.right else _NOTE if finding.note else _WRONG
            context.print(f"  {context.say(word):6} {finding.name}: {context.words(finding.message)}")
        if all(finding.right or finding.note for finding in findings):
            context.print(context.say(_ALL, database=crossing.target.database))
    right = all(finding.right or finding.note for _, findings in found for finding in findings)
    return ExitStatus.DONE if right else ExitStatus.LOOK


COMMAND = Command(
    summary=Text(
        en="server, privileges, client tools, extensions, poolers, disk: all that must be right before the night",
        ja="サーバー・権限・ツール・拡張・プーラー・ディスクなど、事前に必要な条件を点検する",
    ),
    examples=("watari doctor", "watari doctor -e production"),
    run=run,
    looks=Text(en="something is not right", ja="問題がある"),
)
