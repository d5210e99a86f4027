"""`watari init`: finds framework, folder and addresses; writes `watari.toml`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus
from watari.errors.usage import SettingsExist
from watari.locale import Text

_FORCE = Text(en="write over an existing watari.toml", ja="既存の watari.toml を上書きする")
_FOUND = Text(en="{framework} in {folder} ({why})", ja="{folder} に {framework} を検出しました（{why}）")
_NONE = Text(
    en="no framework recognised; the file says how to name one",
    ja="フレームワークを検出できませんでした。指定方法はファイル内に記載しています",
)
_URL = Text(en="{variable} is set ({source})", ja="{variable} が設定されています（{source}）")
_WRITTEN = Text(en="written: {file}", ja="作成しました: {file}")
_NEXT = Text(
    en="next: watari doctor, then watari status", ja="次は watari doctor、続いて watari status を実行してください"
)


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """--force."""
    parser.add_argument("--force", action="store_true", help=say(_FORCE))


def run(context: Context) -> ExitStatus:
    """Looks at the folder and the environment, writes one file; raises `SettingsExist`."""
    from watari.frameworks.registry import detect
    from watari.project.initialise import initialise

    project = context.project
    path = project.root / "watari.toml"
    if path.exists() and not context.options.force:
        raise SettingsExist(file=path.name)
    detections = detect(project.root)
    _write(path, initialise(project, detections, language=context.language))
    if context.wants_json:
        documents = [{"framework": d.framework, "folder": str(d.folder), "why": d.why} for d in detections]
        context.document({"file": str(path), "detected": documents, "variables": sorted(project.variables)})
        return ExitStatus.DONE
    for found in detections[:1]:
        folder = found.folder.relative_to(project.root) if found.folder.is_relative_to(project.root) else found.folder
        context.print(context.say(_FOUND, framework=found.framework, folder=folder, why=found.why))
    if not detections:
        context.print(context.say(_NONE))
    for variable, source in sorted(project.variables.items()):
        context.print(context.say(_URL, variable=variable, source=source))
    context.print(context.say(_WRITTEN, file=path.name))
    context.print(context.say(_NEXT))
    return ExitStatus.DONE


def _write(path: Path, text: str) -> None:
    from watari.errors.usage import FileUnwritable
    from watari.locale.system import reason_of

    try:
        path.write_text(text, encoding="utf-8")  # no secret stands in it, and the whole team reads it
    except OSError as reason:
        raise FileUnwritable(file=path.name, reason=reason_of(reason)) from reason


COMMAND = Command(
    summary=Text(
        en="find framework, folder and addresses; write watari.toml",
        ja="フレームワーク・フォルダー・接続先を検出し、watari.toml を作成する",
    ),
    examples=("watari init", "watari init --force"),
    run=run,
    arguments=arguments,
)
