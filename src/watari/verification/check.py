"""What a check is, and how its verdicts are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from watari.catalog.difference import Change, Difference
from watari.locale import Message, Text
from watari.values import dataclass
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict, VerdictState

PRESENT = Text(en="{object} is there, as the plan says", ja="{object} が計画どおり存在します")
MISSING = Text(en="{object} is missing although the plan makes it", ja="計画で作成されるはずの {object} がありません")
ABSENT = Text(en="{object} is gone, as the plan says", ja="{object} が計画どおり削除されています")
STILL_THERE = Text(
    en="{object} is still there although the plan drops it", ja="計画で削除されるはずの {object} が残っています"
)
GONE = Text(
    en="{object} was there before and is gone, and nothing in the plan drops it",
    ja="実行前に存在した {object} が失われています。計画に削除の記述はありません",
)
OTHERWISE = Text(en="not as the rehearsal left it: {difference}", ja="リハーサルの結果と異なります: {difference}")
MEANWHILE = Text(
    en="changed meanwhile, and not by the plan: {difference}",
    ja="計画外の変更があります: {difference}",
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One comparison. `question` names the query (a file of the postgres room) that shows the same to anyone."""

    name: str
    title: Text
    question: str | None
    compare: Callable[[Compared], Iterable[Verdict]]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a check says something about: the object, what is expected of it, and the query that shows it."""

    check: str
    object: str
    expected: str | None = None
    query: str | None = None

    def passed(self, message: Message, actual: str | None = None) -> Verdict:
        """As expected."""
        return self._verdict(VerdictState.PASS, message, actual)

    def failed(self, message: Message, actual: str | None = None) -> Verdict:
        """Not as expected."""
        return self._verdict(VerdictState.FAIL, message, actual)

    def warned(self, message: Message, actual: str | None = None) -> Verdict:
        """Something for a person to look at."""
        return self._verdict(VerdictState.WARN, message, actual)

    def skipped(self, message: Message) -> Verdict:
        """Could not be compared, and why."""
        return self._verdict(VerdictState.SKIPPED, message, None)

    def _verdict(self, state: VerdictState, message: Message, actual: str | None) -> Verdict:
        return Verdict(
            name=self.check,
            state=state,
            object=self.object,
            message=message,
            expected=self.expected,
            actual=actual,
            query=self.query,
        )


def kept_promises(
    compared: Compared, name: str, question: str, kinds: Iterable[str], is_there: Callable[[str, str], bool]
) -> Iterator[Verdict]:
    """A verdict for each object of these kinds that the plan makes or drops; `is_there` is asked (kind, object)."""
    query = compared.query(question)
    for kind, object, state in compared.promised(*kinds):
        there, wanted = is_there(kind, object), state != "absent"
        subject = Subject(check=name, object=object, expected=_presence(wanted), query=query)
        if there == wanted:
            yield subject.passed((PRESENT if there else ABSENT)(object=object), _presence(there))
        else:
            yield subject.failed((STILL_THERE if there else MISSING)(object=object), _presence(there))


def differences(compared: Compared, name: str, question: str, kinds: Iterable[str]) -> Iterator[Verdict]:
    """A verdict for each object of these kinds that is not as rehearsed, or that changed without the plan's doing."""
    kinds, query = frozenset(kinds), compared.query(question)
    for one in compared.drift:
        if one.kind in kinds:
            expected, actual = sides(one)
            subject = Subject(check=name, object=one.object, expected=expected, query=query)
            yield subject.failed(OTHERWISE(difference=one.message), actual)
    for one in compared.unexplained:
        if one.kind in kinds:
            expected, actual = sides(one)
            subject = Subject(check=name, object=one.object, expected=expected, query=query)
            if one.change is Change.REMOVED:
                yield subject.failed(GONE(object=one.object), actual)
            else:
                yield subject.warned(MEANWHILE(difference=one.message), actual)


def all_well(
    compared: Compared, name: str, question: str, verdicts: Iterable[Verdict], message: Message
) -> Iterator[Verdict]:
    """The verdicts, and where none of them failed one that passes for the whole database."""
    failures = False
    for verdict in verdicts:
        failures |= verdict.state is VerdictState.FAIL
        yield verdict
    if not failures:
        yield Subject(check=name, object=compared.catalog.database, query=compared.query(question)).passed(message)


def _presence(there: bool) -> str:
    return "present" if there else "absent"


def sides(one: Difference) -> tuple[str, str]:
    """What was expected and what is there, of an object or of the attribute that differs."""
    if one.change is not Change.CHANGED:
        return _presence(one.change is Change.REMOVED), _presence(one.change is Change.ADDED)
    return _told(one.before), _told(one.after)


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
