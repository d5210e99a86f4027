"""`watari demo`: a server, a shop, a live application; the same files as written and by watari; the stalls side by side."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from watari.demo.application import Application
from watari.demo.journey import STATIONS, Journey
from watari.demo.latencies import Latencies
from watari.demo.loading import copy_database, create_database, drop_database, load, size_of
from watari.demo.naive import apply_as_written
from watari.demo.narration import Narrator
from watari.demo.place import find_place, report_file
from watari.demo.project_folder import add_pending, lay_out, pending_files
from watari.errors.usage import BadArgument
from watari.locale import Language, Message, Text
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.fetching import wheel_or_fetched
from watari.postgres.installations import version_of
from watari.project.url import DatabaseUrl
from watari.reporting.wording import count, duration, size

if TYPE_CHECKING:
    from watari.crossing import Crossing

__all__ = ["run"]

#: fsync is off: the figures are to show waiting for locks and for work, and not the disk of this machine.
_SETTINGS = {"fsync": "off", "shared_buffers": "256MB", "max_wal_size": "512MB"}
_QUIET_SECONDS = 1.0
_LIVE_SECONDS = 30.0
_FEWEST = 1_000

_TITLE = Text(
    en="A shop with {orders} orders and a live application, taken across its pending migrations and back.",
    ja="注文 {orders} 件のショップを、アプリケーション稼働中に未適用マイグレーションの先まで進め、元に戻します。",
)
_SERVER = Text(en="server", ja="サーバー")
_SERVER_TITLE = Text(en="an embedded PostgreSQL in {folder}", ja="組み込み PostgreSQL を {folder} に用意")
_SERVER_DONE = Text(en="PostgreSQL {version} on 127.0.0.1:{port}", ja="PostgreSQL {version}（127.0.0.1:{port}）")
_SHOP = Text(en="shop", ja="ショップ")
_SHOP_TITLE = Text(
    en="the migrations applied so far, and a year of orders", ja="適用済みマイグレーションと 1 年分の注文"
)
_PART = Text(en="loading {part}", ja="{part} を投入")
_SHOP_DONE = Text(
    en="{orders} orders of {customers} customers, {size}", ja="注文 {orders} 件、顧客 {customers} 件、{size}"
)
_WRITTEN = Text(en="as written", ja="そのまま適用")
_WRITTEN_TITLE = Text(
    en="on a copy with the same load: the pending files as most tools apply them, each in one transaction",
    ja="同じ負荷をかけた複製で、未適用のファイルを一般的なツールと同様に 1 ファイル 1 トランザクションで適用",
)
_WRITTEN_DONE = Text(
    en="took {seconds}; the application's longest stall was {longest}",
    ja="所要 {seconds}、アプリケーションの最長停止 {longest}",
)
_LIVE = Text(en="application: {rate}/s, longest stall {longest}", ja="アプリ: {rate} 件/秒、最長停止 {longest}")
_WAITS = Text(en="application has been waiting for {waiting}", ja="アプリが {waiting} 待たされています")
_TABLE = Text(
    en="The application ({connections} connections, reading and writing), as it saw each stage:",
    ja="アプリケーション（接続 {connections}、読み書き）から見た各段階:",
)
_COLUMNS = Text(
    en="stage              operations      p50      p99   longest stall   failed",
    ja="stage              operations      p50      p99   longest stall   failed",
)
_ERROR = Text(en="failed with: {said} ({count})", ja="失敗の内容: {said}（{count} 件）")
_COMPARED = Text(
    en="Longest stall of the application: {watari} with watari, {written} with the same files as written.",
    ja="アプリケーションの最長停止時間: watari では {watari}、同じファイルをそのまま適用すると {written}。",
)
_FAILED = Text(en="Not as it should be: {what}", ja="想定と異なる結果: {what}")
_KEPT = Text(
    en="The server keeps running (process {pid}), and the application has ended. To go on by hand:",
    ja="サーバーは稼働を続けています（プロセス {pid}）。アプリケーションは終了しました。続けて手で試すには:",
)
_END = Text(en="To end it and delete everything:", ja="終了してすべて削除するには:")
_TOO_FEW = Text(en="a shop needs {fewest} orders, not {rows}", ja="注文は {fewest} 件以上必要です（指定: {rows}）")
_REPORT = Text(en="report: {file}", ja="レポート: {file}")


def run(
    *,
    keep: bool = False,
    folder: Path | None = None,
    rows: int = 1_000_000,
    language: Language = Language.EN,
    say: Callable[[str], None] = print,
) -> dict[str, object]:
    """Runs the whole demo and gives its figures as plain values; `say` prints a line.

    `rows` is the number of orders. With `keep` the server and the project stay. Raises a `WatariError` where the machine
    lacks what it takes: disk, a port, a user that PostgreSQL accepts, its programs.
    """
    if rows < _FEWEST:
        raise BadArgument(reason=_TOO_FEW(rows=rows, fewest=_FEWEST), command="watari demo")
    demo = _Demo(keep, folder, rows, Narrator(say, language, stages=STATIONS + 3))
    with ExitStack() as closing:
        return demo.run(closing)


class _Demo:
    """One demonstration; its methods are the acts in order."""

    def __init__(self, keep: bool, folder: Path | None, orders: int, narrator: Narrator) -> None:
        self._keep = keep
        self._orders = orders
        self._tell = narrator
        self._place = find_place(folder, orders=orders)
        self._report = report_file(folder)

    def run(self, closing: ExitStack) -> dict[str, object]:
        """The acts; what was started ends with `closing`."""
        self._tell.line(self._tell.words(_TITLE(orders=count(self._orders))))
        closing.callback(self._delete)
        server = self._start(closing)
        shop = self._load(server)
        written = self._as_written(server)
        add_pending(self._place.project)
        with self._application(shop) as application:
            journey = Journey(self._crossing(shop), self._tell, self._report)
            journey.go()
            time.sleep(_QUIET_SECONDS)
        spans = {name: application.recording.between(*span) for name, span in journey.spans.items()}
        self._compare(spans, written)
        for failure in journey.failures:
            self._tell.line(self._tell.words(_FAILED(what=failure)))
        if self._keep:
            self._leave(server, closing)
        self._tell.line(self._tell.words(_REPORT(file=self._report)))
        return self._figures(spans, written, sound=not journey.failures)

    # -- acts ---------------------------------------------------------------------------------------------------------

    def _start(self, closing: ExitStack) -> EmbeddedServer:
        with self._tell.stage(_SERVER, _SERVER_TITLE(folder=self._place.folder)):
            programs = wheel_or_fetched(self._tell.line)
            server = EmbeddedServer.start(
                self._place.server, bin_folder=programs, settings=_SETTINGS, scratch=self._place.folder
            )
            closing.callback(server.stop)
            version = version_of(server.bin_folder / "postgres")
            self._tell.line(_SERVER_DONE(version=version[0] if version else "?", port=server.port))
        return server

    def _load(self, server: EmbeddedServer) -> DatabaseUrl:
        with self._tell.stage(_SHOP, _SHOP_TITLE()):
            shop = create_database(server.url(), "shop")
            lay_out(self._place.project, shop)
            crossing = self._crossing(shop)
            crossing.apply(crossing.plan())
            load(shop, orders=self._orders, told=lambda part: self._tell.line(_PART(part=part)))
            customers = count(self._orders // 10)
            self._tell.line(_SHOP_DONE(orders=count(self._orders), customers=customers, size=size(size_of(shop))))
        return shop

    def _as_written(self, server: EmbeddedServer) -> Latencies:
        with self._tell.stage(_WRITTEN, _WRITTEN_TITLE()):
            copy = copy_database(server.url(), "shop", "shop_as_written")
            with self._application(copy) as application:
                time.sleep(_QUIET_SECONDS)
                began = time.monotonic()
                apply_as_written(copy, pending_files())
                ended = time.monotonic()
                time.sleep(_QUIET_SECONDS)
            found = application.recording.between(began, ended)
            self._tell.line(_WRITTEN_DONE(seconds=duration(ended - began), longest=duration(found.longest)))
            drop_database(server.url(), "shop_as_written")
        return found

    def _leave(self, server: EmbeddedServer, closing: ExitStack) -> None:
        closing.pop_all()
        pid = server.pid
        server.leave()
        project = shlex.quote(str(self._place.project))
        # the address of another database in this shell would go before the one in the project's .env
        first = [f"unset {name}" for name in ("DATABASE_URL", "WATARI_URL", "WATARI_ENV") if name in os.environ]
        program = _program()
        self._tell.line()
        self._tell.line(self._tell.words(_KEPT(pid=pid)))
        for line in (f"cd {project}", *first, f"{program} status", f"{program} check", f"{program} cross --yes"):
            self._tell.line(f"  {line}")
        self._tell.line(self._tell.words(_END()))
        self._tell.line(f"  kill -INT {pid}; rm -rf {shlex.quote(str(self._place.folder))}")
        self._tell.line()

    def _delete(self) -> None:
        shutil.rmtree(self._place.folder, ignore_errors=True)

    # -- what the acts share ------------------------------------------------------------------------------------------

    def _crossing(self, shop: DatabaseUrl) -> Crossing:
        from watari.crossing import Crossing
        from watari.project.settings import load as load_project

        # nothing of this shell's environment: its DATABASE_URL is a database of the person who watches
        project = load_project(self._place.project, environ={}, language=self._tell.language)
        (target,) = project.targets()
        assert target.url.same_database(shop), "the demo works on its own database only"
        return Crossing(project, target, events=self._tell.hear)

    @contextmanager
    def _application(self, url: DatabaseUrl) -> Iterator[Application]:
        application = Application.start(url, orders=self._orders)
        began = time.monotonic()

        def live() -> Message:
            if application.waiting > 0.2:
                return _WAITS(waiting=duration(application.waiting))
            found = application.recording.latest(max(began, time.monotonic() - _LIVE_SECONDS), time.monotonic())
            return _LIVE(rate=count(found.rate), longest=duration(found.longest))

        self._tell.application = live
        try:
            yield application
        finally:
            self._tell.application = None
            application.stop()

    def _compare(self, spans: dict[str, Latencies], written: Latencies) -> None:
        say = self._tell
        say.line()
        say.line(say.words(_TABLE(connections=4)))
        say.line("  " + say.words(_COLUMNS()))
        for name, found in [*spans.items(), ("as written", written)]:
            say.line(
                f"  {name:16} {count(found.operations):>12} {duration(found.p50):>8} {duration(found.p99):>8}"
                f" {duration(found.longest):>15} {found.failed:>8}"
            )
            for said, times in found.errors.items():
                say.line("    " + say.words(_ERROR(said=said, count=times)))
        say.line()
        say.line(say.words(_COMPARED(watari=duration(_longest(spans)), written=duration(written.longest))))

    def _figures(self, spans: dict[str, Latencies], written: Latencies, *, sound: bool) -> dict[str, object]:
        return {
            "sound": sound,
            "report": str(self._report),
            "longest_stall_seconds": {"watari": _longest(spans), "as_written": written.longest},
            "stages": {
                name: {
                    "operations": found.operations,
                    "p50_seconds": found.p50,
                    "p99_seconds": found.p99,
                    "longest_seconds": found.longest,
                    "errors": dict(found.errors),
                }
                for name, found in [*spans.items(), ("as written", written)]
            },
            "folder": str(self._place.folder) if self._keep else None,
        }


def _longest(spans: dict[str, Latencies]) -> float:
    return max(found.longest for found in spans.values())


def _program() -> str:
    """How the reader starts watari."""
    beside = Path(sys.executable).with_name("watari")
    return "watari" if shutil.which("watari") or not beside.exists() else shlex.quote(str(beside))
