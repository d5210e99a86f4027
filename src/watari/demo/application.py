"""A small application in a process of its own, which uses the shop all the time and times every operation.

`Application.start` runs this file as a program. It reads one line of JSON on standard input (address, size, connections),
then works until that input ends, and tells every quarter of a second what was done: a line of JSON, and after it the begins
and durations as raw doubles.
"""

from __future__ import annotations

import contextlib
import gc
import json
import random
import subprocess
import sys
import threading
import time
from array import array
from collections import deque
from importlib import import_module
from pathlib import Path
from typing import IO, Any, TypeVar

from watari.demo.latencies import Recording
from watari.project.url import DatabaseUrl

__all__ = ["Application"]

_TELL_SECONDS = 0.25
_READY_SECONDS = 30.0
_END_SECONDS = 30.0
_Told = TypeVar("_Told")


class Application:
    """The application, seen from outside: `start`, look at `recording` and `waiting` while it works, `stop`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.recording = Recording()
        #: How long its oldest unanswered operation has been waiting, in seconds.
        self.waiting = 0.0
        self._process = process
        self._working = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @classmethod
    def start(
        cls,
        url: DatabaseUrl,
        *,
        orders: int,
        connections: int = 4,
        think: float = 0.002,
        work: str = "watari.demo.shopping:Shopper",
        notes: Path | None = None,
    ) -> Application:
        """Starts it on a shop of `orders` orders and waits for its first operations.

        `connections` work at the same time, each pausing for `think` seconds after every operation. `work` is the class
        that says what they do ("module:Class"); what it remembers for each of them is in the file `notes` afterwards, as JSON.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "watari.demo.application"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for whoever started it; it ends with its standard input
        )
        assert process.stdin is not None
        order = {"address": url.conninfo(), "orders": orders, "connections": connections, "think": think}
        order |= {"work": work, "notes": str(notes) if notes else None}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        application = cls(process)
        if not application._working.wait(_READY_SECONDS):
            application.stop()
            raise TimeoutError("the shop's application did not begin its work")
        return application

    def stop(self) -> Recording:
        """Lets every operation end, ends the application, and gives everything that it did. Doing it twice is fine."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._listener.join(_END_SECONDS)
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(_END_SECONDS)
        return self.recording

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            head = json.loads(line)
            began, took = array("d"), array("d")
            for column in (began, took):
                column.frombytes(self._process.stdout.read(8 * head["operations"]))
            self.recording.add(began, took)
            self.recording.add_errors((when, said) for when, said in head["errors"])
            self.waiting = head["waiting"]
            if head["operations"]:
                self._working.set()
        self._process.stdout.close()


class _Work:
    """The application, from inside: one thread a connection, and what they have done since it was last told."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.ended = threading.Event()
        self.done: deque[tuple[float, float]] = deque()
        self.errors: deque[tuple[float, str]] = deque()
        self.under_way: dict[int, float] = {}
        module, _, name = order["work"].partition(":")
        self.worker = getattr(import_module(module), name)
        self.memories: list[dict[str, Any]] = [{} for _ in range(order["connections"])]

    def run(self) -> None:
        """Works and tells, until standard input ends."""
        threads = [threading.Thread(target=self._use, args=(n,)) for n in range(self.order["connections"])]
        for thread in threads:
            thread.start()
        threading.Thread(target=self._wait_for_end, daemon=True).start()
        while not self.ended.wait(_TELL_SECONDS):
            self._tell(sys.stdout.buffer)
        for thread in threads:
            thread.join()
        if self.order["notes"]:
            Path(self.order["notes"]).write_text(json.dumps(self.memories), encoding="utf-8")
        self._tell(sys.stdout.buffer)

    def _wait_for_end(self) -> None:
        sys.stdin.buffer.read()
        self.ended.set()

    def _tell(self, out: IO[bytes]) -> None:
        done, errors = _drained(self.done), _drained(self.errors)
        now = time.monotonic()
        waiting = max((now - began for began in list(self.under_way.values())), default=0.0)
        out.write(json.dumps({"operations": len(done), "errors": errors, "waiting": waiting}).encode() + b"\n")
        out.write(array("d", (began for began, _ in done)).tobytes())
        out.write(array("d", (took for _, took in done)).tobytes())
        out.flush()

    def _use(self, number: int) -> None:
        """One connection's life; a lost connection is made anew, as a pool would."""
        import psycopg

        while not self.ended.is_set():
            try:
                # Without prepared statements: after a column's type has changed, the server refuses those that
                # return it ("cached plan must not change result type") until the application reconnects. Teams that
                # keep them must recycle their pool at that step; this application shows what waits for locks costs.
                with psycopg.connect(
                    **self.order["address"],
                    autocommit=True,
                    prepare_threshold=None,
                    application_name="shop",
                    connect_timeout=10,
                ) as connection:
                    self._shop(connection, number)
            except psycopg.OperationalError as failure:
                self.errors.append((time.monotonic(), _said(failure)))
                self.ended.wait(0.1)

    def _shop(self, connection: Any, number: int) -> None:
        from psycopg import Error

        memory = self.memories[number]
        shopper = self.worker(
            connection=connection,
            orders=self.order["orders"],
            chance=random.Random(number),
            memory=memory,
            number=number,
        )
        while not self.ended.is_set() and not connection.closed:
            operation = shopper.next()
            began = self.under_way[number] = time.monotonic()
            try:
                operation()
            except Error as failure:
                self.errors.append((began, _said(failure)))
            took = time.monotonic() - began
            del self.under_way[number]
            self.done.append((began, took))
            time.sleep(self.order["think"])


def _drained(told: deque[_Told]) -> list[_Told]:
    """Takes out what is there now; other threads go on adding."""
    return [told.popleft() for _ in range(len(told))]


def _said(failure: Exception) -> str:
    return f"{type(failure).__name__}: {str(failure).partition(chr(10))[0]}"


if __name__ == "__main__":
    # a collection in the middle of an operation would look like a wait for the database
    gc.disable()
    with contextlib.suppress(BrokenPipeError):  # nobody listens any more
        _Work(json.loads(sys.stdin.buffer.readline())).run()
