"""On a real history of 220 migrations, verification promises a thousand objects and raises no false alarm."""

from __future__ import annotations

import psycopg
from fixtures.real_histories import History

from verification.scenes import look, told
from watari.frameworks.framework import FrameworkSettings
from watari.frameworks.prisma import Prisma
from watari.verification.expecting import expect
from watari.verification.history import half_applied, history_promises


def test_no_false_alarm_in_the_middle_and_at_the_end(prisma_project: History, connection: psycopg.Connection) -> None:
    settings = FrameworkSettings(root=prisma_project.root, folder=prisma_project.folder, database="app")
    migrations = Prisma(settings).migrations()
    done = 0
    for until in (180, len(migrations)):
        for migration in migrations[done:until]:
            assert migration.up is not None
            connection.execute(migration.up.data)
        done = until
        applied = {migration.id for migration in migrations[:until]}
        promises = history_promises(migrations, applied, database="app")
        assert sum(one.applied and one.certain for one in promises) > 1000
        observed = look(connection)
        assert told(expect(None, history=promises, may_be_pending=None), observed) == {}
        assert half_applied(promises, observed.catalog) == ()
    connection.execute('drop index "LiteLLM_SpendLogs_startTime_idx"')
    found = told(expect(None, history=promises), look(connection))
    assert found == {"history": [("fail", 'public."LiteLLM_SpendLogs_startTime_idx"')]}
