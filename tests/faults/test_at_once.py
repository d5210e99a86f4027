"""Fifty starts at once on one database: one runs, the others say who does, nothing is applied twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fixtures.program import Folder
from fixtures.runs import wait_until

_STARTS = 50


def test_of_fifty_starts_one_runs_and_the_others_say_who_does(folder: Folder, connection) -> None:
    connection.execute("create table go (id int); create table ledger (entry text)")
    until_go = "insert into ledger values ('first'); do $$ begin for n in 1..6000 loop exit when exists (select from go); perform pg_sleep(0.05); end loop; end $$;"
    folder.write("migrations/001_once.sql", until_go)
    folder.write("migrations/002_once.sql", "insert into ledger values ('second');\ncreate table made (id int);\n")
    with ThreadPoolExecutor(_STARTS) as threads:
        starts = [threads.submit(folder.watari, "apply", "--yes") for _ in range(_STARTS)]
        wait_until(lambda: sum(start.done() for start in starts) >= _STARTS - 1, seconds=240)
        connection.execute("insert into go values (1)")
        answers = [start.result() for start in starts]
    assert sorted(answer.status for answer in answers) == [0] + [3] * (_STARTS - 1), {a.err for a in answers}
    refused = [answer.err for answer in answers if answer.status]
    assert all("watari apply" in err and "pid" in err for err in refused), set(refused)
    assert connection.execute("select entry from ledger order by 1").fetchall() == [("first",), ("second",)]
    assert connection.execute("select count(*) from watari.run").fetchone() == (1,)
    assert (
        connection.execute("select name, count(*) from watari.history group by 1 having count(*) > 1").fetchall() == []
    )
