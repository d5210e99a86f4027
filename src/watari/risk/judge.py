"""The judge: statements in order, their effects, and what the rules think of them on the facts of this database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from watari.catalog import Catalog, LockMode, Name
from watari.catalog.making import quick
from watari.project.policy import Policy
from watari.risk.dependants import Dependants
from watari.risk.effects.foresight import Foreseen, Foresight
from watari.risk.ground import name_of, words_of
from watari.risk.hazard import Allowance, Hazard, Judged, Judgement
from watari.risk.registry import rules_for
from watari.risk.rules.allow_unused import unused
from watari.risk.situation import Situation, Unit
from watari.risk.weighing import weighed
from watari.risk.world import World
from watari.sql.grammar import body
from watari.sql.remarks import Remark, remarks_of, used
from watari.sql.statement import Statement
from watari.values import replace

__all__ = ["judge"]


def judge(
    units: Sequence[tuple[str | None, tuple[Statement, ...], bool]],
    catalog: Catalog | None,
    policy: Policy,
    *,
    databases: Collection[str] = (),
    database: str | None = None,
    own_runner: bool = True,
    known: Sequence[tuple[Sequence[Hazard], Sequence[Allowance]]] = (),
) -> Judgement:
    """What the statements do, one after the other, and what is wrong with that.

    A unit is a migration's id (None for a file that is none), its statements and whether whoever runs it does so in one
    transaction. `catalog` is the live database before the first of them; without one the text alone is judged, as if every
    table were large. `databases` are the names of the project's databases, `database` that of the one at hand, for where
    no catalog tells it; `own_runner`: the framework has a tool of its own, whose transactions are not
    watari's. `known`: what was found before in the first of these very units, on these very facts; no rule is asked about
    them again. Pure: nothing is read or run.
    """
    court = _Court(catalog, policy)
    judged, hazards = [], []
    for place, (migration, statements, transactional) in enumerate(units):
        unit = Unit(
            migration=migration,
            statements=statements,
            transactional=transactional,
            databases=frozenset(databases),
            database=database,
            own_runner=own_runner,
        )
        told = known[place] if place < len(known) else None
        for verdict, found in court.unit(unit, asked=told is None):
            judged.append(verdict)
            hazards += found
        if told is not None:
            hazards += told[0]
            court.allowances += told[1]
    return Judgement(
        statements=tuple(judged),
        hazards=tuple(hazards),
        with_facts=catalog is not None,
        allowances=tuple(court.allowances),
    )


_judged, _made_situation = quick(Judged), quick(Situation)

#: With these a transaction begins or ends.
_ENDS = frozenset({"begin", "start", "commit", "rollback"})


class _Court:
    """The judge in the middle of the units: `ahead` has seen the statement at hand, `before` has not."""

    def __init__(self, catalog: Catalog | None, policy: Policy) -> None:
        self.ahead = Foresight(catalog)
        self.before = World(catalog)
        self.policy = policy
        self.dependants = Dependants(self.before)
        self.allowances: list[Allowance] = []
        self.rewritten: dict[Name, int] = {}
        self.held: dict[Name, LockMode] = {}

    def unit(self, unit: Unit, *, asked: bool = True) -> Iterator[tuple[Judged, list[Hazard]]]:
        """Each statement of a unit, with its hazards where the rules are asked."""
        self.ahead.begin()
        inside = False
        self.rewritten, self.held = {}, {}
        for place, statement in enumerate(unit.statements):
            if not unit.transactional and not inside:  # locks add up within a transaction only
                self.ahead.begin()
            foreseen = self.ahead.foresee(statement)
            if not (unit.transactional or inside) or foreseen.apart or foreseen.word in _ENDS:
                self.held = {}
            if foreseen.error is None:
                inside = foreseen.word in ("begin", "start") or (inside and foreseen.word not in ("commit", "rollback"))
            judged = _judged(
                statement=statement,
                effects=foreseen.effects,
                migration=unit.migration,
                error=str(foreseen.error) if foreseen.error else None,
            )
            quiet = foreseen.error is not None or not asked
            yield judged, [] if quiet else self._hazards(self._situation(unit, place, foreseen, inside))
            self._remember(statement, foreseen)
            if self.ahead.world.journal:
                self.before.follow(self.ahead.world)
                self.dependants.forget()
                self._follow_names()

    def _remember(self, statement: Statement, foreseen: Foreseen) -> None:
        """What the transaction holds of tables of before, and which are written anew, for the statements that come."""
        for effect in foreseen.effects.effects:
            strong = effect.lock is not None and effect.lock >= LockMode.SHARE
            name = name_of(effect.relation) if not effect.created and (strong or effect.rewrite) else None
            if name is None or effect.lock is None:
                continue
            self.held[name] = max(effect.lock, self.held.get(name, effect.lock))
            if effect.rewrite:
                self.rewritten.setdefault(name, statement.line)

    def _follow_names(self) -> None:
        """What is held and written anew goes on being so under another name."""
        for old, new in self.before.moves:
            if old in self.held:
                self.held[new] = self.held.pop(old)
            if old in self.rewritten:
                self.rewritten[new] = self.rewritten.pop(old)
        self.before.moves.clear()

    def _situation(self, unit: Unit, place: int, foreseen: Foreseen, inside: bool) -> Situation:
        statement = unit.statements[place]
        kind, node = body(statement.node)
        return _made_situation(
            statement=statement,
            kind=kind,
            node=node,
            effects=foreseen.effects,
            causes=foreseen.causes,
            absent=foreseen.absent,
            world=self.before,
            policy=self.policy,
            unit=unit,
            place=place,
            inside=inside,
            apart=foreseen.apart,
            held=self.held,
            rewritten=self.rewritten,
        )

    def _hazards(self, situation: Situation) -> list[Hazard]:
        statement = situation.statement
        chosen = rules_for(situation)
        found = [hazard for rule in chosen.first for hazard in rule.judge(situation)]
        found = found or [hazard for rule in chosen.last for hazard in rule.judge(situation)]
        if not found and not statement.remarks:
            return []
        remarks = tuple(remarks_of(statement)) if statement.remarks else ()
        for remark in remarks:
            if remark.holds:
                needed = used(remark, (hazard.rule for hazard in found))
                self._note(remark, statement, needed)
                found += unused(situation, remark, needed)
        return [
            self._placed(weighed(self._with_users(hazard, situation), self.policy, remarks), statement)
            for hazard in found
        ]

    def _with_users(self, hazard: Hazard, situation: Situation) -> Hazard:
        """With who has to do with the object, where it is a table or column of the live database."""
        if not self.before.known:
            return hazard
        table, column = self._subject(hazard.object)
        if table is None or not situation.old(table) or self.before.table(table) is None:
            return hazard
        facts = self.dependants.facts(table, column)
        return replace(hazard, facts={**hazard.facts, **facts}) if facts else hazard

    def _subject(self, text: str) -> tuple[Name | None, str | None]:
        """The table, and the column if it is one, that a hazard's object names."""
        words = words_of(text)
        if len(words) == 2:
            return Name(*words), None
        if len(words) != 3:
            return None, None
        table = self.before.table(Name(words[0], words[1]))
        known = table is not None and table.column(words[2]) is not None
        return (Name(words[0], words[1]), words[2] if known else None) if table else (None, None)

    def _note(self, remark: Remark, statement: Statement, needed: int) -> None:
        self.allowances.append(
            Allowance(
                rules=remark.rules, reason=remark.reason, file=statement.file, line=statement.line, hazards=needed
            )
        )

    @staticmethod
    def _placed(hazard: Hazard, statement: Statement) -> Hazard:
        """With the text that a face underlines."""
        return hazard if hazard.sql else replace(hazard, sql=statement.text)
