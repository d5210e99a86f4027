"""The plan on a clone: up, the same again, down, and up again, each held against the moment that it must come out at."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from watari.catalog import Catalog, LockMode, TableKind
from watari.errors import ReachError, RunInterrupted, WatariError
from watari.errors.running import NoClone
from watari.errors.stopped import RunStopped
from watari.evidence.application import ApplicationQuery, Change, Survival
from watari.evidence.event import Event, EventKind, EventSink, ignore
from watari.evidence.evidence import Evidence, Proof
from watari.evidence.run import Run
from watari.evidence.traffic import Traffic
from watari.execution import history, runner
from watari.execution.circumstances import Circumstances
from watari.frameworks.framework import Framework
from watari.locale import Language, Message, Text
from watari.migrations import Migration
from watari.planning.plan import Loss, Plan, Step, StepKind
from watari.postgres.connection import connect
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.rehearsal.clone import Clone
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import EVERYTHING, Content
from watari.rehearsal.digests import Comparison
from watari.rehearsal.expecting import expected
from watari.rehearsal.moment import Moment, compare, look
from watari.rehearsal.source import NOWHERE, Elsewhere, Source, look_at
from watari.rehearsal.speed import speed_against
from watari.rehearsal.stops import Stops
from watari.rehearsal.survey import Survey
from watari.rehearsal.telling import tell_clone
from watari.rehearsal.traffic.rehearsing import under_traffic
from watari.values import dataclass, field, replace

#: The way back from a run on the clone, given the catalog that the run left: a plan and its canonical JSON.
WayBackOf = Callable[[Plan, Run, Catalog], tuple[Plan, bytes] | None]

_NO_WAY_BACK = Text(en="no plan leads back", ja="戻すための計画がありません")
_NOT_REACHED = Text(en="the plan did not reach its end", ja="計画が最後まで実行できませんでした")
_NOT_BACK = Text(en="the way back did not reach its end", ja="戻す計画が最後まで実行できませんでした")
_NO_STOP = Text(en="the plan has no place to stop at", ja="途中で止められる箇所がありません")
_BACK = ("down", "up_again", "resumed")
_BREAKS = Text(
    en="since step {step} the server refuses: {query} ({reason})",
    ja="ステップ {step} 以降、サーバーが次の SQL を拒否します: {query}（{reason}）",
)
_LACKS = Text(
    en="since step {step} this INSERT lacks a required column ({reason}): {query}",
    ja="ステップ {step} 以降、次の INSERT には必須カラムが不足しています（{reason}）: {query}",
)
_ANOTHER = Text(en="it was run a second time", ja="もう一度実行されました")


def rehearse(
    plan: Plan,
    plan_bytes: bytes,
    *,
    url: DatabaseUrl,
    framework: Framework,
    migrations: Sequence[Migration],
    policy: Policy,
    events: EventSink = ignore,
    way_back: WayBackOf | None = None,
    clone: str | None = None,
    circumstances: Circumstances | None = None,
    language: Language = Language.EN,
    keep: Callable[[Catalog], None] | None = None,
    queries: Sequence[ApplicationQuery] = (),
    content: Content = EVERYTHING,
    elsewhere: Elsewhere = NOWHERE,
    sizes: Mapping[str, int] | None = None,
    corrected: float = 1.0,
    traffic: float | None = None,
) -> Evidence:
    """Runs `plan` on a clone of the database at `url` by the very runner, observed, and tries the proofs.

    `up`: it ran to its end. `application`: each of `queries` that the server took before is still taken, after each step.
    `once`: starting it again changed nothing. `down`: `way_back`'s plan brings objects, rows and
    history back. `up_again`: the plan then ends as it did. `resumed`: so it does when it is stopped again and again, after
    statements, steps and batches (a long plan at places spread over it), the framework's own tool cut off after statements of
    its own, and started anew each time. `clone` names the way of the clone, `content` what it holds, `elsewhere`
    where another server may be used; `sizes` are those of the source's tables (bytes, indexes included) and `corrected` what
    earlier runs taught, for the times expected; with `traffic` the plan is run once more while so many of `queries` are sent
    a second; `language` is that of the
    lines in the evidence; `keep` is given the catalog that the plan left. A plan that fails is evidence too, with `error`.
    Raises `NoClone`, a `ReachError` where source or clone are out of reach, and `RunInterrupted`.
    """
    source = look_at(url, plan, content, elsewhere)
    started_at, began = datetime.now(UTC), time.monotonic()
    with make_clone(source, way=clone, events=events) as copy:
        tell_clone(copy, url, events)
        stage = _Stage(
            plan=plan,
            plan_bytes=plan_bytes,
            source=source,
            clone=copy,
            framework=framework,
            migrations=migrations,
            policy=policy,
            events=events,
            circumstances=circumstances or Circumstances(),
            language=language,
            queries=queries,
        )
        run, proofs, error = stage.prove(way_back, keep)
        speed = speed_against(copy.url, url) if source.there else 1.0
        borne = stage.under_traffic(traffic) if traffic and run and not error else None
        return Evidence(
            id=f"{started_at:%Y%m%d-%H%M%S}-{plan.sha256[:4]}",
            plan_sha256=plan.sha256,
            database=plan.database,
            clone=copy.way,
            clone_seconds=round(copy.seconds, 3),
            clone_bytes=copy.bytes,
            started_at=started_at,
            seconds=round(time.monotonic() - began, 3),
            steps=run.steps if run else (),
            proofs=tuple(proofs),
            error=error,
            application=stage.survived[0] if stage.survived else None,
            traffic=borne,
            speed=round(speed, 3),
            corrected=corrected,
            # without rows nothing takes the time that it will
            expected=expected(plan, run.steps, source=sizes or {}, clone=stage.sizes, speed=speed, corrected=corrected)
            if run and content.percent > 0
            else (),
        )


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """The clone, and everything that is needed to run plans on it."""

    plan: Plan
    plan_bytes: bytes
    source: Source
    clone: Clone
    framework: Framework
    migrations: Sequence[Migration]
    policy: Policy
    events: EventSink
    circumstances: Circumstances
    language: Language
    queries: Sequence[ApplicationQuery] = ()
    survived: list[Survival] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)  # of the clone's tables before the plan
    sent: dict[str, int] = field(default_factory=dict)  # statements of the first run, by step

    def prove(
        self, way_back: WayBackOf | None, keep: Callable[[Catalog], None] | None
    ) -> tuple[Run | None, list[Proof], str | None]:
        """The run, the proofs, and why it failed where it did."""
        before = self._look() if self.source.there else None
        if before:
            self.sizes.update(sizes_of(before.catalog))
        try:
            run = self._watched()
        except RunInterrupted:
            raise
        except WatariError as failed:
            reason = failed.message.render(self.language)
            skipped = [self._skipped(name, _NOT_REACHED()) for name in ("once", *_BACK)]
            return self._run_left(), [Proof(name="up", holds=False, differences=(reason,)), *skipped], reason
        after = self._look()
        if keep:
            keep(after.catalog)
        proofs = [Proof(name="up", holds=True), self._once(run, after), *self._application()]
        return run, [*proofs, *self._back_and_again(run, before, after, way_back)], None

    def _watched(self) -> Run:
        """The first run, with the application's statements asked between its steps."""
        if not self.queries or not self.source.there:
            return self._run(self.plan, self.plan_bytes, observe=True, events=self._counted)
        with connect(self.clone.url, purpose="rehearsal") as connection:
            survey = Survey(self.queries, self.plan, connection, rowless=self.clone.rowless)

            def both(event: Event) -> None:
                self._counted(event)
                survey.hear(event)

            try:
                return self._run(self.plan, self.plan_bytes, observe=True, events=both)
            finally:
                self.survived.append(survey.result())

    def _counted(self, event: Event) -> None:
        self.events(event)
        if event.kind is EventKind.STATEMENT and event.step:
            self.sent[event.step] = self.sent.get(event.step, 0) + 1

    def _application(self) -> Iterator[Proof]:
        for survival in self.survived:
            lines = [
                (_BREAKS if each.change is Change.FAILS else _LACKS)(
                    step=each.step or "?", query=each.query, reason=each.detail
                )
                for each in survival.broken
            ]
            yield self._proof("application", Comparison(differences=tuple(lines)))

    def _once(self, run: Run, after: Moment) -> Proof:
        again = self._run(self.plan, self.plan_bytes)
        found = compare(after, self._look())
        more = () if again.id == run.id else (_ANOTHER(),)
        return self._proof("once", Comparison(differences=(*found.differences, *more)))

    def _back_and_again(
        self, run: Run, before: Moment | None, after: Moment, way_back: WayBackOf | None
    ) -> tuple[Proof, ...]:
        try:
            back = way_back(self.plan, run, after.catalog) if way_back and before else None
            why = _NO_WAY_BACK()
        except WatariError as none:
            back, why = None, none.message
        if back is None or before is None:
            skipped = [self._skipped(name, why) for name in _BACK]
            return (*skipped[:-1], self._resumed_elsewhere(after)) if before else tuple(skipped)
        try:
            self._run(*back)
            refilled = {step.backfill.table for step in (*self.plan.steps, *back[0].steps) if step.backfill}
            lost = (*self.plan.losses, *back[0].losses, *_stays(run))
            down = self._proof("down", compare(before, self._look(), lost=lost, refilled=refilled))
        except RunInterrupted:
            raise
        except WatariError as failed:
            return self._failed("down", failed), *(self._skipped(name, _NOT_BACK()) for name in _BACK[1:])
        return down, *self._up_again(after, refilled)

    def _up_again(self, after: Moment, refilled: Collection[str]) -> tuple[Proof, Proof]:
        """The plan a second time, stopped wherever it can be: if it ends as it did, both claims hold."""
        stops = Stops(self.plan, self.events, self.sent)
        try:
            self._stopping(stops)
        except WatariError as failed:
            if isinstance(failed, RunInterrupted) and not stops.now:
                raise
            if stops.made:  # what it was stopped for is the nearest reason
                return self._skipped("up_again", _NOT_REACHED()), self._failed("resumed", failed)
            return self._failed("up_again", failed), self._skipped("resumed", _NOT_REACHED())
        found = compare(after, self._look(), lost=self.plan.losses, refilled=refilled)
        resumed = self._proof("resumed", found) if stops.made else self._skipped("resumed", _NO_STOP())
        return self._proof("up_again", found), resumed

    def _resumed_elsewhere(self, after: Moment) -> Proof:
        """The plan stopped wherever it can be, on a clone of its own: this one cannot be brought back to the beginning."""
        try:
            with make_clone(self.source, way=self.clone.way, events=self.events) as other:
                stage = replace(self, clone=other)
                return stage._up_again(after, ())[1]
        except NoClone as closed:
            return self._skipped("resumed", closed.message)

    def under_traffic(self, rate: float) -> Traffic | None:
        """The plan once more, on a clone of its own to which the application's statements are sent, so many a second."""
        if not self.queries or not self.source.there:
            return None
        with make_clone(self.source, way=self.clone.way, events=self.events) as other:
            stage = replace(self, clone=other)
            return under_traffic(
                self.queries,
                url=other.url,
                catalog=stage._look().catalog,
                rate=rate,
                run=lambda events: stage._run(self.plan, self.plan_bytes, events=events),
                events=self.events,
            )

    def _stopping(self, stops: Stops) -> Run:
        """Starts until the end is reached; each start is stopped at the next place."""
        while True:
            try:
                return self._run(self.plan, self.plan_bytes, events=stops.hear, cuts=stops.cut)
            except RunStopped:
                if not stops.now:
                    raise
                stops.go_on()

    def _run(
        self,
        plan: Plan,
        plan_bytes: bytes,
        *,
        observe: bool = False,
        events: EventSink | None = None,
        cuts: Callable[[Step], int | None] | None = None,
    ) -> Run:
        return runner.run(
            plan,
            plan_bytes,
            url=self.clone.url,
            framework=self.framework,
            migrations=self.migrations,
            policy=self.policy,
            events=events or self.events,
            circumstances=self.circumstances,
            observe=observe,
            without=self.clone.skipped,
            cuts=cuts,
            deployed=runner.Deployed.EVERYTHING,
        )

    def _run_left(self) -> Run | None:
        """The run that stopped, as the clone's journal holds it."""
        try:
            with connect(self.clone.url, purpose="rehearsal") as connection:
                found = history.unfinished(connection)
        except ReachError:
            return None
        return history.with_plan(found.run, self.plan) if found else None

    def _look(self) -> Moment:
        return look(self.clone.url, self.framework)

    def _proof(self, name: str, found: Comparison) -> Proof:
        return Proof(
            name=name,
            holds=not found.differences,
            differences=tuple(line.render(self.language) for line in found.differences),
            losses=tuple(line.render(self.language) for line in found.losses),
        )

    def _failed(self, name: str, condition: WatariError) -> Proof:
        return Proof(name=name, holds=False, differences=(condition.message.render(self.language),))

    def _skipped(self, name: str, why: Message) -> Proof:
        return Proof(name=name, holds=False, skipped=why.render(self.language))


def _stays(run: Run) -> Iterator[Loss]:
    """The tables that the framework's own tool wrote around its migrations: it never takes those rows back either."""
    for step in run.steps:
        for effect in step.effects if step.kind == StepKind.AROUND else ():
            if effect.lock is LockMode.ROW_EXCLUSIVE:
                yield Loss(kind="rows", object=effect.relation, migration="")


def sizes_of(catalog: Catalog) -> dict[str, int]:
    """Bytes of each table with its indexes, by `str(Name)`; of a partitioned one those of its partitions."""
    own = {name: table.bytes + table.index_bytes for name, table in catalog.tables.items()}
    parts = {
        name: sum(own[part.name] for part in catalog.partitions_of(name))
        for name, table in catalog.tables.items()
        if table.kind is TableKind.PARTITIONED
    }
    return {str(name): size for name, size in {**own, **parts}.items()}
