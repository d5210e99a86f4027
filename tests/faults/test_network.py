"""The network falls silent without closing anything: the run notices, stops in a named state, and the next start completes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from fixtures.runs import Runs, exclusive, plan_of, transaction, wait_until

from watari.errors.stopped import RunCutOff
from watari.evidence.run import RunState
from watari.execution import history, pulse
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl


class Line:
    """A network that carries everything until it falls silent; nothing is closed then, and new connections hang too."""

    def __init__(self, server: DatabaseUrl) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.silent = threading.Event()  # nothing goes through any more
        self.deaf = threading.Event()  # what the server says to those who are connected is lost
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> DatabaseUrl:
        return replace(self._server, host="127.0.0.1", port=self._listener.getsockname()[1])

    def close(self) -> None:
        """Everything is closed, as when the middlebox is switched off."""
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._ends.append(client)
            if self.silent.is_set():
                continue
            server = socket.create_connection((self._server.host, self._server.port))
            self._ends.append(server)
            young = not self.deaf.is_set()
            threading.Thread(target=self._carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(server, client, young), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        try:
            while data := one.recv(65536):
                if self.silent.is_set() or (answers and self.deaf.is_set()):
                    time.sleep(0.1)
                    continue
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@contextmanager
def line(server: DatabaseUrl) -> Iterator[Line]:
    opened = Line(server)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch) -> None:
    """Statements of this file are suspicious after half a second."""
    monkeypatch.setattr(pulse, "_QUIET_FOR", 0.5)
    monkeypatch.setattr(pulse, "_LOOKS_EVERY", 0.2)


def slow() -> object:
    wait = "do $$ begin if not exists (select from go) then perform pg_sleep(600); end if; end $$"
    return plan_of(
        transaction("create table a (id int)"), transaction("create table b (id int)", wait, migration="002")
    )


SLEEPS = "select pid from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()"


def test_a_silent_network_stops_the_run_and_the_next_start_completes(database, connection, ask):
    connection.execute("create table go (id int)")
    with line(database) as network:
        runs = Runs(network.url)
        runs.policy = Policy(network_timeout=3)
        plan = slow()
        threading.Thread(target=lambda: (wait_until(lambda: ask(SLEEPS)), network.silent.set()), daemon=True).start()
        with pytest.raises(RunCutOff):
            runs(plan)
    # nothing could be written through a dead network: the journal says running, which the next start goes on with
    assert history.runs(connection)[0].state is RunState.RUNNING
    connection.execute("insert into go values (1)")
    wait_until(lambda: not ask("select 1 from pg_locks where locktype = 'advisory' and objid = 1"))
    assert Runs(database)(plan).state is RunState.DONE
    assert ask("select count(*) from watari.run") == [(1,)] and ask("select to_regclass('b') is not null") == [(True,)]


def test_an_answer_that_was_lost_on_the_way_is_not_waited_for(database, connection, ask):
    """Those who were connected hear nothing any more, while new connections work: the server says it has long been done."""
    connection.execute("create table t (id int)")
    with line(database) as network:
        runs = Runs(network.url)
        runs.policy = Policy(network_timeout=5)
        step = transaction("alter table t add column n int", "select pg_sleep(0.6)", effects=(exclusive("public.t"),))
        plan = plan_of(step)
        busy = SLEEPS.replace("600", "0.6")
        threading.Thread(target=lambda: (wait_until(lambda: ask(busy)), network.deaf.set()), daemon=True).start()
        with pytest.raises(RunCutOff):
            runs(plan)
        # what the guard could not say any more was said on a connection of its own, and both sessions were ended
        assert history.runs(connection)[0].state is RunState.STOPPED
        assert ask("select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'n'") == [(1,)]
    assert Runs(database)(plan).state is RunState.DONE


def test_a_statement_that_is_merely_long_is_left_alone(database, connection):
    with line(database) as network:
        runs = Runs(network.url)
        runs.policy = Policy(network_timeout=1)
        assert runs(plan_of(transaction("select pg_sleep(4)"))).state is RunState.DONE


def test_a_server_that_takes_nobody_more_in_is_not_a_silent_one(database, connection):
    """The question cannot be asked, because the database is full; that is an answer too."""
    connection.execute(f"create role watari_few login; grant create on database {database.database} to watari_few")
    connection.execute("grant create on schema public to watari_few; alter role watari_few connection limit 2")
    try:
        runs = Runs(replace(database, user="watari_few"))
        runs.policy = Policy(network_timeout=1)
        assert runs(plan_of(transaction("select pg_sleep(4)"))).state is RunState.DONE
    finally:
        connection.execute("drop owned by watari_few; drop role watari_few")


def test_a_connection_whose_own_process_is_gone_is_a_run_that_continues(database, connection, ask):
    connection.execute("create table go (id int)")
    plan = slow()
    end = lambda: ask(SLEEPS.replace("select pid", "select pg_terminate_backend(pid)"))  # noqa: E731
    threading.Thread(target=lambda: (wait_until(lambda: ask(SLEEPS)), end()), daemon=True).start()
    with pytest.raises(RunCutOff):
        Runs(database)(plan)
    assert history.runs(connection)[0].state is RunState.STOPPED
    connection.execute("insert into go values (1)")
    assert Runs(database)(plan).state is RunState.DONE
