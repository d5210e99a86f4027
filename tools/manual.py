"""Writes the parts of the manual that the code knows best: commands, settings, rules, errors, exit statuses.

`python tools/manual.py` writes `docs/en/*.md` and `docs/ja/*.md`; `tests/architecture/test_manual.py` fails where they are not
what this would write.
"""

from __future__ import annotations

import os
import sys
from dataclasses import fields
from pathlib import Path

from watari.catalog.locks import CONFLICTS, LockMode, blocks_reads, blocks_writes
from watari.cli.commands.explain import STATUSES, conditions
from watari.cli.parsing import build, command_named, command_names
from watari.locale import Language, Text
from watari.project.policy import Policy
from watari.risk.cards import cards

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools import coverage

DOCS = Path(__file__).resolve().parents[1] / "docs"
_MADE = Text(
    en="<!-- made by tools/manual.py from the code; do not edit -->",
    ja="<!-- tools/manual.py がコードから生成。直接編集しないこと -->",
)
_COMMANDS = Text(en="# Commands", ja="# コマンド")
_STATUSES = Text(en="# Exit statuses", ja="# 終了ステータス")
_ONE = Text(en="exit 1: {words}", ja="終了ステータス 1: {words}")
_COVERAGE = Text(en="# What the rules cover", ja="# ルールの対応表")
_COVERAGE_WORDS = Text(
    en="Every hazard of the catalogue that the rules were made from, and every rule of six tools, with the rule of watari that "
    "speaks of it. Where there is none, the reason why.",
    ja="ルールの元になったリスク一覧と 6 つのツールの全ルールについて、対応する watari のルールを示す。ないものには理由を記す。",
)
_CATALOGUE = Text(en="Catalogue", ja="リスク一覧")
_RULES = Text(en="# Rules", ja="# ルール")
_ERRORS = Text(en="# Errors", ja="# エラー")
_LOCKS = Text(en="# Lock modes", ja="# ロックモード")
_POLICY = Text(en="# Settings of an environment's policy", ja="# 環境ごとのポリシー設定")
_COLUMNS = {
    "status": Text(en="| status | meaning |", ja="| ステータス | 意味 |"),
    "error": Text(en="| name | exit | message | what to do |", ja="| 名前 | 終了 | メッセージ | 対処 |"),
    "lock": Text(
        en="| mode | SELECT | INSERT, UPDATE, DELETE | conflicts with |",
        ja="| モード | SELECT | INSERT・UPDATE・DELETE | 競合するモード |",
    ),
    "coverage": Text(en="| name | rules of watari | reason |", ja="| 名前 | watari のルール | 理由 |"),
    "policy": Text(en="| setting | default | meaning |", ja="| 設定 | 既定値 | 意味 |"),
}
_WAIT = Text(en="waits", ja="待つ")
_PASS = Text(en="passes", ja="通る")
_CARD = (
    (Text(en="When", ja="条件"), "condition"),
    (Text(en="Harm", ja="影響"), "harm"),
    (Text(en="Safer", ja="安全な方法"), "safer"),
)
_FACT = Text(en="Rests on", ja="根拠")
#: What each setting of the policy means; a test finds one that is missing.
POLICY = {
    "lock_timeout": Text(
        en="One wait for a lock, in seconds. The application stalls behind it for no longer.",
        ja="ロック待ち 1 回の上限（秒）。アプリケーションが待たされるのもこの時間まで。",
    ),
    "lock_budget": Text(
        en="All waits for the locks of one step together, in seconds; then the run stops in a named state.",
        ja="1 ステップのロック待ちの合計上限（秒）。超えると再開可能な状態で停止する。",
    ),
    "concurrent_budget": Text(
        en="One concurrent build or validation, in seconds.", ja="CONCURRENTLY の作成や検証 1 回の上限（秒）。"
    ),
    "statement_timeout": Text(
        en="For steps that read or write data, in seconds; 0 is no limit.",
        ja="データを読み書きするステップの上限（秒）。0 は無制限。",
    ),
    "moment_timeout": Text(
        en="For steps that only change the catalog, in seconds.", ja="カタログだけを変更するステップの上限（秒）。"
    ),
    "dump_budget": Text(
        en="Somebody else's pg_dump in the way is waited out for so long, in seconds; not counted against lock_budget.",
        ja="他者の pg_dump がロックを保持している間の待機上限（秒）。lock_budget とは別枠。",
    ),
    "give_up_on": Text(
        en="Kinds of blockers at which a step stops at once: idle_in_transaction, query, dump, autovacuum, prepared, "
        "wraparound, application:NAME. Everyone else is waited for.",
        ja="待たずに停止する相手の種別: idle_in_transaction、query、dump、autovacuum、prepared、wraparound、"
        "application:名前。それ以外は待機する。",
    ),
    "cancel": Text(
        en="Kinds of blockers whose statement is cancelled (pg_cancel_backend); the vacuum against wraparound never is.",
        ja="実行中の文をキャンセルする相手の種別（pg_cancel_backend）。周回防止バキュームは対象外。",
    ),
    "terminate": Text(
        en="Kinds of blockers whose session is ended (pg_terminate_backend); the vacuum against wraparound never is.",
        ja="セッションを終了させる相手の種別（pg_terminate_backend）。周回防止バキュームは対象外。",
    ),
    "blocker_age": Text(
        en="So old must a blocker's transaction be before it is cancelled, ended or given up on, in seconds.",
        ja="上の 3 つを適用する相手のトランザクションの最短経過時間（秒）。",
    ),
    "network_timeout": Text(
        en="A network that answers nothing for so long is taken for gone, and the run stops, in seconds; 0 is never.",
        ja="ネットワークの無応答がこの時間（秒）続くと切断とみなして停止する。0 は判定しない。",
    ),
    "replica_lag": Text(
        en="A streaming standby that is further behind, in seconds, is waited for before the next step; 0 is not looked at.",
        ja="スタンバイの遅延がこの時間（秒）を超えている間、次のステップを待つ。0 は確認しない。",
    ),
    "free_space": Text(
        en="Bytes free on the server's disk, where nobody can look: the server is another machine and has no free_space_sql.",
        ja="サーバーのディスク空き容量（バイト）。別マシンで free_space_sql もない場合に指定する。",
    ),
    "free_space_sql": Text(
        en="A query that answers the bytes free on the server's disk (of a table that monitoring fills, of an extension).",
        ja="サーバーのディスク空き容量（バイト）を返すクエリ（監視用テーブルや拡張機能など）。",
    ),
    "disk_margin": Text(
        en="So many times what a step is thought to write must be free on the server's disk before it begins; 0 is not looked at.",
        ja="ステップの開始前に、想定書き込み量の何倍の空きをサーバーのディスクに求めるか。0 は確認しない。",
    ),
    "canary_sql": Text(
        en="A query of the application, asked beside the run; bad answers stop it.",
        ja="実行中に並行して発行する、アプリケーションのクエリ。異常が続くと実行を停止する。",
    ),
    "canary_url": Text(
        en="An HTTP address of the application, asked beside the run; bad answers stop it.",
        ja="実行中に並行して確認する、アプリケーションの HTTP アドレス。異常が続くと実行を停止する。",
    ),
    "canary_every": Text(en="How often the canary is asked, in seconds.", ja="カナリアの確認間隔（秒）。"),
    "canary_limit": Text(
        en="An answer of the canary that takes longer, in seconds, is a bad one.",
        ja="カナリアの応答がこの時間（秒）を超えると異常とみなす。",
    ),
    "canary_failures": Text(
        en="So many bad answers of the canary in a row stop the run in a named state.",
        ja="カナリアの異常がこの回数連続すると、再開可能な状態で停止する。",
    ),
    "backfill_batch": Text(
        en="Seconds that one batch of a backfill aims at; for so long its rows are locked.",
        ja="バックフィル 1 バッチの目標時間（秒）。この間、対象行はロックされる。",
    ),
    "backfill_speed": Text(
        en="The part of the time in which a backfill works (0.01 to 1); while it runs, `watari runs --speed` changes it.",
        ja="バックフィルが動作する時間の割合（0.01〜1）。実行中は `watari runs --speed` で変更できる。",
    ),
    "backfill_lag": Text(
        en="A backfill rests while a streaming standby is further behind, in seconds; 0 is not looked at.",
        ja="スタンバイの遅延がこの時間（秒）を超える間、バックフィルを休止する。0 は確認しない。",
    ),
    "backfill_archive": Text(
        en="A backfill rests while more WAL than this waits to be archived, in bytes; 0 is not looked at.",
        ja="未アーカイブの WAL がこの量（バイト）を超える間、バックフィルを休止する。0 は確認しない。",
    ),
    "backfill_dead": Text(
        en="A backfill rests while a larger part of its table is dead rows, until a vacuum has been; 0 is not looked at.",
        ja="テーブルの不要行の割合がこの値を超える間、VACUUM されるまでバックフィルを休止する。0 は確認しない。",
    ),
    "backfill_latency": Text(
        en="A backfill slows down while the canary's answer takes longer, in seconds; 0 is not looked at.",
        ja="カナリアの応答がこの時間（秒）を超える間、バックフィルの速度を下げる。0 は確認しない。",
    ),
    "small_table_rows": Text(
        en="Up to so many rows a scan or a build is over before anyone notices: run as written.",
        ja="この行数までのテーブルは、記述どおりに実行する。",
    ),
    "small_table_bytes": Text(
        en="And up to so many bytes; 0 is 2,000 for each of those rows.",
        ja="同じく、このバイト数まで（0 は行数の上限 × 2,000）。",
    ),
    "short_work": Text(
        en="Work that is expected to be over in so many seconds is only mentioned, however large the table is.",
        ja="見込み時間がこの秒数以内の処理は、テーブルの大きさにかかわらず情報にとどめる。",
    ),
    "require_backup": Text(
        en="Apply only with a backup that was restored beside and compared.",
        ja="復元検証済みのバックアップを必須にする。",
    ),
    "backup_max_age": Text(en="How old that backup may be, in seconds.", ja="バックアップの有効期間（秒）。"),
    "require_rehearsal": Text(
        en="Apply only a plan that was rehearsed and whose proofs hold.",
        ja="リハーサルで証明が成立した計画だけを実行する。",
    ),
    "ways_back": Text(
        en="Ways back that are allowed, best first: down, undo, restore.",
        ja="許可する戻し方（優先順）: down、undo、restore。",
    ),
    "rewrite": Text(en="Safe forms that the planner may use.", ja="計画で使ってよい安全な形。"),
    "keep": Text(
        en="What a run drops, replaces or renames is kept until somebody lets it go; after so many seconds it is due. "
        "0: nothing is kept.",
        ja="削除・置き換え・改名したものは解放されるまで保持され、この秒数を過ぎると解放時期となる。0 なら保持しない。",
    ),
    "keep_bytes": Text(
        en="Rows that one statement deletes, and values that it writes over, are copied aside up to so many bytes (an estimate); "
        "beyond that they are not kept, and the plan says so. 0: such copies are never made.",
        ja="1 つの文が削除する行・上書きする値は、この大きさ（見積もり、バイト）までコピーして保持する。超える場合は保持せず、計画にその旨を表示する。"
        "0 ならコピーしない。",
    ),
    "pause_for_deployments": Text(
        en="Stop where another version of the application must be out before the next step; `watari apply --deployed` goes on.",
        ja="次のステップの前にアプリケーションのデプロイが必要な箇所で停止する。`watari apply --deployed` で続行。",
    ),
    "rules": Text(
        en='What is done about single rules: `[environments.NAME.policy.rules]` with `RULE = "rewrite"` (the plan '
        'takes the safe form), `"warn"` (run as written, with a warning), `"block"` (held up) or `"allow"` '
        "(only mentioned).",
        ja='ルールごとの扱い。`[environments.名前.policy.rules]` に `ルール名 = "rewrite"`（安全な形に書き換える）、'
        '`"warn"`（警告のみでそのまま実行）、`"block"`（止める）、`"allow"`（情報のみ）を記述する。',
    ),
    "clone_rows": Text(
        en='Rows that a clone holds: `"all"`, `"none"`, or a part such as `"5%"` with every row that those refer to.',
        ja='クローンに含める行。`"all"`、`"none"`、または `"5%"` のような割合（参照先の行も含めて取得する）。',
    ),
    "clone_image": Text(
        en="A Docker image of PostgreSQL that the daemon has (`postgres:16`, or the team's own with its extensions): clones are made in a "
        "container of it, reached through `DOCKER_HOST` or `/var/run/docker.sock`.",
        ja="Docker デーモンにある PostgreSQL のイメージ（`postgres:16`、または拡張機能入りの独自イメージ）。クローンをそのコンテナ内に作成する。"
        "接続先は `DOCKER_HOST` または `/var/run/docker.sock`。",
    ),
    "clone_command": Text(
        en="A command of your own that makes a branch at a provider: called with `create NAME` it prints the address on standard output, called "
        'with `remove NAME` it removes the branch. `["./branch.sh"]`',
        ja="プロバイダーのブランチを作成する独自コマンド。`create 名前` で呼ぶと接続 URL を標準出力に出力し、`remove 名前` で呼ぶとブランチを削除する。"
        '例: `["./branch.sh"]`',
    ),
    "mask": Text(
        en='Columns that nobody may read in a clone: `["customers.email = email", "customers.name = digits"]`. Kinds: null, text:VALUE, '
        "hash, email, digits, year. They are masked before anyone can connect; columns of foreign keys cannot be.",
        ja='クローンで読めないようにするカラム。例: `["customers.email = email", "customers.name = digits"]`。種類: null、text:値、hash、'
        "email、digits、year。接続できるようになる前にマスクする。外部キーのカラムには使えない。",
    ),
    "application_queries": Text(
        en="Where a rehearsal finds the application's statements: a folder of .sql files or a server log; without it, pg_stat_statements.",
        ja="リハーサルで確認するアプリケーションの SQL の場所（.sql のフォルダーまたはサーバーログ）。省略時は pg_stat_statements を使用します。",
    ),
    "probe_url": Text(en="HTTP address that verification asks after a run.", ja="実行後の検証で応答を確認する URL。"),
    "probe_timeout": Text(en="How long the probe may take, in seconds.", ja="応答確認の上限（秒）。"),
}


def pages(language: Language) -> dict[str, str]:
    """Every generated page of one language, by file name."""

    def say(text: Text, **values: object) -> str:
        return text(**values).render(language)

    made = {
        "commands.md": _commands(say, language),
        "exit-statuses.md": _statuses(say),
        "rules.md": _rules(say),
        "coverage.md": _coverage(say),
        "errors.md": _errors(say, language),
        "lock-modes.md": _locks(say),
        "policy.md": _policy(say),
    }
    return {name: f"{say(_MADE)}\n\n{text.rstrip()}\n" for name, text in made.items()}


def _commands(say, language: Language) -> str:
    os.environ["COLUMNS"] = "100"
    parser = build(command_names(), language)
    parts = [say(_COMMANDS)]
    choices = next(
        action for action in parser._actions if getattr(action, "choices", None) and action.dest == "command"
    )
    for name in command_names():
        command = command_named(name)
        parts.append(f"\n## watari {name}\n\n```text\n{choices.choices[name].format_help().rstrip()}\n```")
        if command.looks:
            parts.append("\n" + say(_ONE, words=command.looks()))
    return "\n".join(parts)


def _statuses(say) -> str:
    rows = [f"| {int(status)} | {say(text)} |" for status, text in STATUSES.items()]
    return "\n".join([say(_STATUSES), "", say(_COLUMNS["status"]), "|---|---|", *rows])


def _rules(say) -> str:
    parts = [say(_RULES)]
    for card in cards():
        parts.append(f"\n## {card.id}\n\n**{say(card.title)}**\n")
        parts += [f"- {say(label)}: {say(getattr(card, name))}" for label, name in _CARD]
        parts += [f"- {say(_FACT)}: {card.fact}", f"- PostgreSQL {card.versions}"]
    return "\n".join(parts)


def _coverage(say) -> str:
    parts = [say(_COVERAGE), "", say(_COVERAGE_WORDS)]
    source = ""
    for line in coverage.lines():
        if line.source != source:
            source = line.source
            title = say(_CATALOGUE) if source == "catalogue" else source
            parts += ["", f"## {title}", "", say(_COLUMNS["coverage"]), "|---|---|---|"]
        rules = ", ".join(f"[{rule}](rules.md#{rule})" for rule in line.rules)
        reason = say(coverage.REASONS[line.reason]) if line.reason else ""
        parts.append(f"| `{line.name}` | {rules} | {reason} |")
    return "\n".join(parts)


def _errors(say, language: Language) -> str:
    def words(text: Text | None) -> str:
        return (
            ""
            if text is None
            else (text.ja if language is Language.JA else text.en).replace("|", "\\|").replace("\n", " ")
        )

    found = sorted(conditions(), key=lambda condition: condition.name())
    rows = [f"| `{c.name()}` | {int(c.status)} | {words(c.text)} | {words(c.hint)} |" for c in found]
    return "\n".join([say(_ERRORS), "", say(_COLUMNS["error"]), "|---|---|---|---|", *rows])


def _locks(say) -> str:
    rows = [
        f"| {mode} | {say(_WAIT if blocks_reads(mode) else _PASS)} | {say(_WAIT if blocks_writes(mode) else _PASS)} | "
        f"{', '.join(str(other) for other in sorted(CONFLICTS[mode]))} |"
        for mode in LockMode
    ]
    return "\n".join([say(_LOCKS), "", say(_COLUMNS["lock"]), "|---|---|---|---|", *rows])


def _policy(say) -> str:
    rows = [f"| `{field.name}` | `{field.default}` | {say(POLICY[field.name])} |" for field in fields(Policy)]
    return "\n".join([say(_POLICY), "", say(_COLUMNS["policy"]), "|---|---|---|", *rows])


def main() -> None:
    """Writes every page."""
    for language in Language:
        for name, text in pages(language).items():
            (DOCS / language.value / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
