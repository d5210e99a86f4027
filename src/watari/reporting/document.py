"""A report as a document: headline, figures and chapters, still without a look and in both languages."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from watari.evidence.backup import VerificationLevel
from watari.evidence.recording import Recording
from watari.evidence.run import Direction, Run
from watari.late import modules
from watari.locale import Message, Text
from watari.reporting import sections
from watari.reporting.blocks import Cell, Chapter, Facts, Figure, Section, Tone, code, text
from watari.reporting.conclusion import conclusion
from watari.reporting.report import Report
from watari.reporting.sections.run import longest_lock
from watari.reporting.wording import count, duration, moment, server, short
from watari.reporting.zone import in_one_zone
from watari.values import dataclass
from watari.verification.verdict import VerdictState

_TITLE = Text(en="Schema change report: {database}", ja="スキーマ変更報告書: {database}")
_TITLE_GUARDED = Text(en="Report of a command: {database}", ja="コマンド実行報告書: {database}")
_TITLE_BACK = Text(en="Rollback report: {database}", ja="ロールバック報告書: {database}")

_TITLES = {Direction.BACK: _TITLE_BACK, Direction.GUARDED: _TITLE_GUARDED}

_TOOK = Text(en="the run took", ja="実行時間")
_STALL = Text(en="longest stall of the application", ja="アプリケーションの最長停止時間")
_STALL_NAIVE = Text(en="{naive} with the files as written", ja="そのまま適用した場合は {naive}")
_LOCK = Text(en="longest lock", ja="最長ロック")
_LOCK_WAITS = Text(en="gave way: {waits}", ja="競合時に {waits} 回譲歩")
_MIGRATIONS = Text(en="migrations applied", ja="適用したマイグレーション")
_MIGRATIONS_BACK = Text(en="migrations taken back", ja="元に戻したマイグレーション")
_STEPS = Text(en="steps: {steps}", ja="{steps} ステップ")
_STATEMENTS = Text(en="statements", ja="SQL 文")
_LONGEST_STATEMENT = Text(en="longest statement", ja="最長の SQL 文")
_CHECKS = Text(en="checks passed", ja="合格した検証")
_CHECKS_FAILED = Text(en="failed: {failed}", ja="不合格 {failed} 件")
_CHECKS_OF = Text(en="none failed", ja="不合格なし")
_BACKUP = Text(en="backup", ja="バックアップ")
_RESTORED = Text(en="restored", ja="復元確認済")
_RESTORED_AT = Text(en="beside, and compared", ja="別データベースへ復元し照合")
_NOT_RESTORED = Text(en="unverified", ja="未検証")

_ENVIRONMENT = Text(en="environment", ja="環境")
_SERVER = Text(en="server", ja="サーバー")
_FRAMEWORK = Text(en="framework", ja="フレームワーク")
_WHEN = Text(en="when", ja="実行日時")
_WHO = Text(en="by", ja="実行者")
_WHO_IS = Text(en="{by} on {host}", ja="{by}（{host}）")
_COMMIT = Text(en="git commit", ja="Git コミット")
_RUN = Text(en="run", ja="実行 ID")
_PLAN = Text(en="plan", ja="計画")
_LOG = Text(en="log", ja="ログ")


@dataclass(frozen=True, kw_only=True)
class Document:
    """Everything that a writer renders, in order."""

    title: Message
    tone: Tone
    headline: Message
    sentence: Message
    figures: tuple[Figure, ...]
    facts: Facts
    sections: tuple[Section, ...]
    made_at: str
    version: str


def document(report: Report) -> Document:
    """The document of one report, all times in the zone of `made_at`; chapters that have nothing to say are left out."""
    report = in_one_zone(report)
    tone, headline, sentence = conclusion(report)
    title = _TITLES.get(report.direction, _TITLE)
    made = (chapter.make(report) for chapter in chapters())
    return Document(
        title=title(database=report.database),
        tone=tone,
        headline=headline,
        sentence=sentence,
        figures=tuple(_figures(report)),
        facts=_facts(report),
        sections=tuple(section for section in made if section is not None),
        made_at=moment(report.made_at),
        version=report.version,
    )


@cache
def chapters() -> tuple[Chapter, ...]:
    """Every chapter in its order: the folder is the registry."""
    found = (import_module(name) for name in modules(sections.__path__, f"{sections.__name__}."))
    return tuple(sorted((module.CHAPTER for module in found), key=lambda chapter: chapter.order))


def _figures(report: Report) -> list[Figure]:
    figures = []
    run = report.outcome
    ours = next((stall for stall in report.stalls if stall.how == "watari"), None)
    naive = next((stall for stall in report.stalls if stall.how == "naive"), None)
    if ours:
        detail = _STALL_NAIVE(naive=duration(naive.longest_seconds)) if naive else None
        figures.append(Figure(value=duration(ours.longest_seconds), label=_STALL(), tone=Tone.GOOD, detail=detail))
    if run and run.direction is Direction.GUARDED:
        figures += _figures_of_command(run, report.recording)
    elif run:
        waits = sum(max(0, step.attempts - 1) for step in run.steps)
        label = _MIGRATIONS_BACK if run.direction is Direction.BACK else _MIGRATIONS
        detail = _STEPS(steps=count(len(run.steps)))
        figures.append(Figure(value=duration(longest_lock(run)), label=_LOCK(), detail=_LOCK_WAITS(waits=waits)))
        figures.append(Figure(value=duration(run.seconds), label=_TOOK()))
        figures.append(Figure(value=count(len(run.migrations)), label=label(), detail=detail))
    if report.verdicts:
        figures.append(_checks(report))
    if backup := report.backup:
        proved = backup.verified >= VerificationLevel.RESTORED and not backup.findings
        value = _RESTORED if proved else _NOT_RESTORED
        figures.append(
            Figure(
                value=value(),
                label=_BACKUP(),
                tone=Tone.GOOD if proved else Tone.WARN,
                detail=_RESTORED_AT() if proved else None,
            )
        )
    return figures


def _figures_of_command(run: Run, recording: Recording | None) -> list[Figure]:
    waits = sum(max(0, step.attempts - 1) for step in run.steps)
    statements = recording.statements if recording else ()
    failed = sum(each.error is not None for each in statements)
    longest = max((each.seconds for each in statements), default=None)
    return [
        Figure(value=duration(run.seconds), label=_TOOK(), detail=_LOCK_WAITS(waits=waits)),
        Figure(value=duration(longest), label=_LONGEST_STATEMENT()),
        Figure(
            value=count(len(statements)),
            label=_STATEMENTS(),
            tone=Tone.BAD if failed else Tone.PLAIN,
            detail=_CHECKS_FAILED(failed=failed) if failed else None,
        ),
    ]


def _checks(report: Report) -> Figure:
    tally = [verdict.state for verdict in report.verdicts].count
    failed = tally(VerdictState.FAIL)
    return Figure(
        value=count(tally(VerdictState.PASS)),
        label=_CHECKS(),
        tone=Tone.BAD if failed else Tone.GOOD,
        detail=_CHECKS_FAILED(failed=failed) if failed else _CHECKS_OF(),
    )


def _facts(report: Report) -> Facts:
    run = report.outcome
    who = _WHO_IS(by=report.by or "–", host=report.host or "–")
    place = f"{report.server} · {server(report.server_version)}" if report.server else server(report.server_version)
    pairs: list[tuple[Text, Cell]] = [
        (_ENVIRONMENT, text(report.environment)),
        (_SERVER, text(place)),
        (_FRAMEWORK, text(report.framework or "–")),
        (_WHEN, text(moment(run.started_at if run else report.made_at))),
        (_WHO, text(who)),
        (_COMMIT, code(report.git_commit[:12] if report.git_commit else "–")),
    ]
    if run:
        pairs.append((_RUN, code(run.id)))
    if report.plan:
        pairs.append((_PLAN, code(short(report.plan.sha256))))
    if run and run.log_file:
        pairs.append((_LOG, code(run.log_file)))
    return Facts(pairs=tuple((name(), cell) for name, cell in pairs))
