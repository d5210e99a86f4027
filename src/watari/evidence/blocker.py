"""Who stands in the way, as data: stored as it was seen, and told in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from watari.catalog.locks import LockMode
from watari.catalog.name import Name
from watari.locale import Message, Text
from watari.values import asdict, dataclass

_SHOWN = 120

HOLDS = Text(
    en="{who} holds {mode} on {relation}{age}{doing}",
    ja="{who} が {relation} の {mode} ロックを保持しています{age}{doing}",
)
QUEUES = Text(
    en="{who} waits for {mode} on {relation}, and everyone behind it too{age}{doing}",
    ja="{who} が {relation} の {mode} ロックを待っており、後続も待たされます{age}{doing}",
)
OPEN = Text(en="{who} keeps a transaction open{age}{doing}", ja="{who} がトランザクションを開いたままです{age}{doing}")
AGE = Text(en=" (for {seconds} s)", ja="({seconds} 秒経過)")
DOING = Text(en=": {query}", ja=": {query}")
SESSION = Text(
    en="pid {pid}, user {user}, application {application}, {state}",
    ja="pid {pid}(ユーザー {user}、アプリケーション {application}、{state})",
)
PREPARED = Text(
    en="prepared transaction {gid} of user {user} (ROLLBACK PREPARED or COMMIT PREPARED ends it)",
    ja="ユーザー {user} のプリペアドトランザクション {gid}(ROLLBACK PREPARED または COMMIT PREPARED で終了)",
)
WRAPAROUND = Text(
    en="autovacuum to prevent wraparound, pid {pid} (it does not give way)",
    ja="周回防止の自動バキューム pid {pid}(ロック要求に譲りません)",
)
AUTOVACUUM = Text(
    en="autovacuum, pid {pid} (it gives way to a lock request)",
    ja="自動バキューム pid {pid}(ロック要求があれば中断します)",
)
DUMP = Text(
    en="pg_dump, pid {pid}, user {user} (it keeps its locks until the dump ends)",
    ja="pg_dump pid {pid}(ユーザー {user}、ダンプが終わるまでロックを保持します)",
)
NOTHING = Text(en="", ja="")
UNKNOWN = Text(en="unknown", ja="不明")


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One session, or one prepared transaction, that others wait for.

    `transaction_age` is seconds since its transaction began; `mode` is the lock as `pg_locks` writes it, `granted` whether it
    holds it or queues for it; `prepared` is the identifier of a prepared transaction, which has no process.
    """

    pid: int | None
    user: str | None
    application: str
    kind: str
    state: str | None
    query: str
    transaction_age: float | None
    relation: Name | None = None
    mode: str | None = None
    granted: bool = True
    prepared: str | None = None
    address: str | None = None

    @property
    def autovacuum(self) -> bool:
        """Whether the server's own vacuum is at work."""
        return self.kind == "autovacuum worker"

    @property
    def wraparound(self) -> bool:
        """Whether it is the vacuum that does not give way."""
        return self.autovacuum and "to prevent wraparound" in self.query

    @property
    def dump(self) -> bool:
        """Whether it is pg_dump, which holds ACCESS SHARE on everything it dumps."""
        return self.application.startswith("pg_dump")

    @property
    def message(self) -> Message:
        """One line for people."""
        age = AGE(seconds=f"{self.transaction_age:.0f}") if self.transaction_age is not None else NOTHING()
        doing = DOING(query=shown_query(self.query)) if self.query and not self.autovacuum else NOTHING()
        told = {"who": self._who(), "age": age, "doing": doing}
        if self.relation is None or self.mode is None:
            return OPEN(**told)
        mode = LockMode.of(self.mode)
        return (HOLDS if self.granted else QUEUES)(mode=mode, relation=self.relation, **told)

    def __str__(self) -> str:
        return str(self.message)

    def _who(self) -> Message:
        user = self.user or UNKNOWN()
        if self.prepared:
            return PREPARED(gid=self.prepared, user=user)
        if self.autovacuum:
            return (WRAPAROUND if self.wraparound else AUTOVACUUM)(pid=self.pid)
        if self.dump:
            return DUMP(pid=self.pid, user=user)
        return SESSION(
            pid=self.pid, user=user, application=self.application or UNKNOWN(), state=self.state or UNKNOWN()
        )

    def as_json(self) -> dict[str, object]:
        """For the journal; the query as it is shown."""
        facts = asdict(self) | {"query": shown_query(self.query)}
        return {name: value for name, value in facts.items() if value not in (None, "")}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Blocker:
        """What `as_json` wrote, by this version or another."""
        known = {name: value.get(name) for name in _NAMES}
        place = value.get("relation")
        relation = Name(place["schema"], place["name"]) if place else None
        texts = {name: value.get(name) or "" for name in ("application", "kind", "query")}
        return cls(**{**known, **texts, "relation": relation, "granted": value.get("granted", True)})


_NAMES = (
    "pid",
    "user",
    "state",
    "transaction_age",
    "mode",
    "prepared",
    "address",
)


def told(one: Blocker | str) -> Message | str:
    """One line for people; journals of before version 4 hold lines in English."""
    return one if isinstance(one, str) else one.message


def shown_query(query: str, *, longest: int = _SHOWN) -> str:
    """A query on one line, cut to `longest` characters; one that may name a password is cut to its first words."""
    line = " ".join(query.split())
    if re.search(r"password|secret|credential", line, re.IGNORECASE):
        return " ".join(line.split()[:2]) + " …"
    return line if len(line) <= longest else line[: longest - 1] + "…"
