"""The first `watari.toml`: what was found in a project goes in, a commented file comes out as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from watari.errors.usage import UsageError
from watari.locale import Language, Text
from watari.project.settings import DEFAULT, STAGING, Project

if TYPE_CHECKING:
    from watari.frameworks.framework import Detection

_HEAD = Text(
    en="Settings of watari. No password belongs in here: addresses are taken from the environment or from .env.",
    ja="watari の設定ファイル。パスワードは書かず、接続先は環境変数または .env から読み込みます。",
)
_FRAMEWORK = Text(en="The migration framework: {why}.", ja="マイグレーションフレームワーク: {why}")
_ALSO = Text(en="Also found: {framework} in {folder} ({why}).", ja="ほかに検出: {folder} の {framework}（{why}）")
_NO_FRAMEWORK = Text(
    en='No framework was recognised. Name it and its folder, for example framework = "sql", dir = "db/migrations".',
    ja='フレームワークを検出できませんでした。framework = "sql"、dir = "db/migrations" のように指定してください。',
)
_PYTHON = Text(
    en="The interpreter in which the team's framework lives (default: the active virtual environment).",
    ja="フレームワークが入っている Python（既定は有効な仮想環境）。",
)
_LANGUAGE = Text(en="Messages and reports.", ja="メッセージとレポートの言語。")
_BACKUPS = Text(en="Where backups go.", ja="バックアップの保存先。")
_DATABASES = Text(
    en="The databases of this project, each with its own history; one address names the server of all.",
    ja="このプロジェクトのデータベース。履歴はデータベースごとに管理し、接続先はサーバー単位で共有します。",
)
_SEVERAL = Text(
    en="Several databases on one server: name each, and they share the environment's address.",
    ja="1 つのサーバーに複数のデータベースがある場合は、それぞれを記述します（接続先は環境の url を共有）。",
)
_ENVIRONMENT = Text(en="Used when no -e is given.", ja="-e を省略したときの環境。")
_STAGING = Text(en="watari status -e staging", ja="watari status -e staging で使う環境。")
_PRODUCTION = Text(
    en="An environment that asks for more: remove the # and set PRODUCTION_DATABASE_URL.",
    ja="本番環境の例。# を外し、PRODUCTION_DATABASE_URL を設定してください。",
)
_LOCKS = Text(
    en="one wait for a lock; the application stalls behind it for no longer",
    ja="ロック待ち 1 回の上限。アプリケーションの停止はこれ以下に収まる",
)
_BACKUP = Text(en="apply only with a backup that was restored beside", ja="復元検証済みのバックアップを必須にする")
_AGE = Text(en="and that is not older than this", ja="バックアップの有効期間")
_REHEARSAL = Text(en="apply only a plan that was rehearsed", ja="リハーサル済みの計画だけを実行する")
_WAYS = Text(en="ways back, best first", ja="戻し方（優先順）")
_PROBE = Text(en="asked after the run, with its response time", ja="実行後に応答と応答時間を確認する URL")


def initialise(project: Project, detections: Sequence[Detection], *, language: Language = Language.EN) -> str:
    """The text of `watari.toml` for what was found: detections best first, variables of the project's surroundings.

    Writes nothing; comments are in `language`. The text reads back as settings with the same meaning.
    """
    return _File(project, language).text(detections)


class _File:
    def __init__(self, project: Project, language: Language) -> None:
        self.project = project
        self.language = language

    def text(self, detections: Sequence[Detection]) -> str:
        """Every part of the file, in order."""
        parts = (
            [self.comment(_HEAD)],
            self.framework(detections),
            self.ways(),
            self.databases(detections),
            self.environments(),
            self.production(),
        )
        return "\n\n".join("\n".join(part) for part in parts) + "\n"

    def comment(self, text: Text, **fields: object) -> str:
        # a comment ends with its line, whatever a file's name holds
        return "# " + " ".join(text(**fields).render(self.language).split())

    def framework(self, detections: Sequence[Detection]) -> list[str]:
        if not detections:
            return [self.comment(_NO_FRAMEWORK), '# framework = "sql"', '# dir = "db/migrations"']
        best, *others = detections
        lines = [self.comment(_FRAMEWORK, why=best.why), f"framework = {quoted(best.framework)}"]
        lines.append(f"dir = {quoted(self.relative(best.folder))}")
        for other in others:
            fields = {"framework": other.framework, "folder": self.relative(other.folder), "why": other.why}
            lines.append(self.comment(_ALSO, **fields))
        return lines

    def ways(self) -> list[str]:
        return [
            self.comment(_PYTHON),
            '# python = ".venv/bin/python"',
            self.comment(_LANGUAGE),
            f"language = {quoted(self.language)}",
            self.comment(_BACKUPS),
            '# backup_dir = ".watari/backups"',
        ]

    def databases(self, detections: Sequence[Detection]) -> list[str]:
        names = detections[0].databases if detections else ()
        if not names:
            lines = [self.comment(_SEVERAL), "# [databases.authdb]", '# dir = "db/authdb"']
            return [*lines, "# [databases.apidb]", '# dir = "db/apidb"']
        return [self.comment(_DATABASES), *(f"[databases.{key(name)}]" for name in names)]

    def environments(self) -> list[str]:
        lines = [self.comment(_ENVIRONMENT), f"[environments.{DEFAULT}]", f'url = "env:{self.default_variable()}"']
        mark = "" if "STAGING_DATABASE_URL" in self.project.variables else "# "
        lines += ["", self.comment(_STAGING), f"{mark}[environments.{STAGING}]"]
        return [*lines, f'{mark}url = "env:STAGING_DATABASE_URL"']

    def default_variable(self) -> str:
        """The variable that reaches the database itself, past a pooler."""
        try:
            source = self.project.targets(DEFAULT)[0].source
        except UsageError:
            return "DATABASE_URL"
        return source if source in self.project.variables else "DATABASE_URL"

    def production(self) -> list[str]:
        policy = (
            ('lock_timeout = "50ms"', _LOCKS),
            ("require_backup = true", _BACKUP),
            ('backup_max_age = "24h"', _AGE),
            ("require_rehearsal = true", _REHEARSAL),
            ('ways_back = ["down", "undo", "restore"]', _WAYS),
            ('probe_url = "https://example.com/health"', _PROBE),
        )
        lines = [self.comment(_PRODUCTION), "# [environments.production]", '# url = "env:PRODUCTION_DATABASE_URL"']
        lines.append("# [environments.production.policy]")
        return [*lines, *(f"# {setting}  {self.comment(why)}" for setting, why in policy)]

    def relative(self, folder: Path) -> str:
        within = folder.is_relative_to(self.project.root)
        return str(folder.relative_to(self.project.root) if within else folder)


def quoted(text: str) -> str:
    """A basic string of TOML; JSON writes the same, but for DEL."""
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007F")


def key(name: str) -> str:
    """A name as a key of TOML: bare where that is allowed."""
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else quoted(name)
