"""Rows of the catalog's queries in, a `Catalog` out; asks nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from watari.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Extension,
    Index,
    Name,
    Other,
    Policy,
    Routine,
    Schema,
    Session,
    Table,
    TableKind,
    Trigger,
    Type,
    quoted,
)
from watari.catalog import Sequence as NumberSequence
from watari.catalog.kept import without_kept
from watari.catalog.making import quick
from watari.postgres.kept import kept_of
from watari.postgres.partitions import with_partitions

#: A constructor takes half of the time for a catalog of 20,000 objects.
_table, _column, _index, _constraint = quick(Table), quick(Column), quick(Index), quick(Constraint)

#: The rows of each query, by its name.
Rows = Mapping[str, Sequence[tuple[Any, ...]]]


def assemble(rows: Rows, leave_out: Collection[str] = ()) -> Catalog:
    """The catalog that the rows describe, without the relations named in `leave_out` and without what is kept."""
    return without_kept(_Assembly(rows, frozenset(leave_out)).catalog())


def _acl(granted: list[str] | None, default: list[str] | None = None) -> tuple[str, ...]:
    """Privileges in a stable order; none where they are the default ones, written out or not."""
    if not granted:
        return ()
    mine = tuple(sorted(granted))
    return () if mine == tuple(sorted(default or ())) else mine


def _name(pair: Sequence[str] | None) -> Name | None:
    return Name(pair[0], pair[1]) if pair else None


def estimated_rows(tuples: float, pages: int, pages_now: int, live: int) -> int | None:
    """How many rows a table holds, by the planner's own arithmetic: density when last analysed times its size now.

    None where the table was never analysed and nothing was counted since the server started.
    """
    if tuples >= 0 and pages > 0:
        return round(tuples / pages * pages_now)
    if live > 0:
        return live
    return None if tuples < 0 or pages_now > 0 else 0


def dead_share(rows: int, live: int, dead: int) -> float:
    """The dead ones among the rows of a table: what lives is counted since the server started, or estimated with the dead ones."""
    return dead / (dead + max(live, rows - dead)) if dead > 0 else 0.0


_NOBODY: dict[int, str] = {}


class _Assembly:
    """One reading: which relation an OID is, and what its columns are called."""

    def __init__(self, rows: Rows, leave_out: frozenset[str]) -> None:
        self.rows = rows
        self.relations: dict[int, Name] = {}
        for oid, schema, table, *_ in rows["catalog_tables"]:
            name = Name(schema, table)
            if str(name) not in leave_out:
                self.relations[oid] = name
        self.left_out = {row[0] for row in rows["catalog_tables"]} - self.relations.keys()
        self.block = int((rows["catalog_database"][0][4] or {}).get("block_size", 8192))
        self.growth: dict[int, float] = {}
        for row in rows["catalog_tables"]:
            pages, now = row[20:22]
            self.growth[row[0]] = now / pages if pages else 1.0
        self.columns: dict[int, dict[int, str]] = defaultdict(dict)
        for oid, number, column, *_ in rows["catalog_columns"]:
            self.columns[oid][number] = column

    def catalog(self) -> Catalog:
        """All parts together."""
        name, version, path, standby, settings = self.rows["catalog_database"][0]
        namespaces = {schema.name: schema for schema in self._schemas()}
        indexes = {index.name: index for index in self._indexes()}
        tables = with_partitions(self._tables(indexes))
        return Catalog(
            database=name,
            server_version=version,
            schemas=tuple(namespaces),
            search_path=tuple(path),
            tables=tables,
            indexes=indexes,
            constraints=tuple(self._constraints(indexes)),
            triggers=tuple(self._triggers()),
            policies=tuple(self._policies()),
            sequences={sequence.name: sequence for sequence in self._sequences()},
            routines=tuple(self._routines()),
            types={type_.name: type_ for type_ in self._types()},
            extensions={
                row[0]: Extension(name=row[0], version=row[1], schema=row[2]) for row in self._of("extensions")
            },
            settings=settings or {},
            sessions=tuple(self._sessions()),
            database_bytes=sum(t.bytes + t.index_bytes for t in tables.values() if t.kind is not TableKind.PARTITIONED),
            standby=standby,
            namespaces=namespaces,
            others=tuple(Other(kind=k, identity=i, definition=d, comment=c) for k, i, d, c in self._of("others")),
            kept=tuple(map(kept_of, self.rows.get("kept", ()))),
        )

    def _of(self, what: str) -> Sequence[tuple[Any, ...]]:
        return self.rows.get(f"catalog_{what}", ())

    def _named(self, oid: int, numbers: Sequence[int] | None) -> tuple[str, ...]:
        if not numbers:
            return ()
        known = self.columns.get(oid, _NOBODY)
        return tuple([known.get(number, "") for number in numbers])

    def _schemas(self) -> Iterator[Schema]:
        for name, owner, acl, default, comment in self._of("schemas"):
            yield Schema(name=name, owner=owner, acl=_acl(acl, default if acl else None), comment=comment)

    def _tables(self, indexes: Mapping[Name, Index]) -> dict[Name, Table]:
        columns = self._columns()
        reads: dict[int, list[Name]] = defaultdict(list)
        for view, schema, source in self._of("view_sources"):
            reads[view].append(Name(schema, source))
        indexed: dict[Name, list[Index]] = defaultdict(list)
        for index in indexes.values():
            indexed[index.table].append(index)
        return {
            name: self._table(row, name, columns.get(row[0], []), reads.get(row[0], []), indexed.get(name, []))
            for row in self.rows["catalog_tables"]
            if (name := self.relations.get(row[0]))
        }

    @staticmethod
    def _table(
        row: tuple[Any, ...], name: Name, columns: list[Column], reads: list[Name], indexes: list[Index]
    ) -> Table:
        (_, _, _, kind, owner, persistence, parents, bound, key, definition, options, method, tablespace) = row[:13]
        (identity, security, forced, comment, acl, default, tuples, pages, now, size, live, scans, written) = row[13:26]
        dead, attributes, of_type = row[26:]
        holds = kind in "rm"
        return _table(
            name=name,
            kind=TableKind(kind),
            owner=owner,
            columns=tuple(columns),
            persistence=persistence,
            parents=tuple(Name(*pair) for pair in parents or ()),
            partition_bound=bound,
            partition_key=key,
            definition=definition,
            options=tuple(options or ()),
            access_method=method,
            tablespace=tablespace,
            replica_identity=identity,
            row_security=security,
            force_row_security=forced,
            comment=comment,
            acl=_acl(acl, default),
            reads_from=tuple(reads),
            rows=estimated_rows(tuples, pages, now, live) if holds else None,
            bytes=size if holds else 0,
            index_bytes=sum(index.bytes for index in indexes),
            index_scans=sum(index.scans for index in indexes),
            pages=now if holds else 0,
            sequential_scans=scans,
            rows_written=written,
            dead_share=dead_share(estimated_rows(tuples, pages, now, live) or 0, live, dead),
            attributes=attributes,
            of_type=Name(*of_type) if of_type else None,
        )

    def _columns(self) -> dict[int, list[Column]]:
        known = self._statistics()
        found: dict[int, list[Column]] = defaultdict(list)
        for row in self.rows["catalog_columns"]:
            if row[0] not in self.relations:
                continue
            of_table = found[row[0]]
            nulls, width = known.get((row[0], row[2]), (None, None))
            of_table.append(self._column(row, len(of_table) + 1, nulls, width))
        return found

    def _statistics(self) -> dict[tuple[int, str], tuple[float, int]]:
        """Null fraction and width by table and column; of the table alone rather than with its children."""
        rows = self._of("column_statistics")
        with_children = {(row[0], row[1]): row[3:] for row in rows if row[2]}
        return with_children | {(row[0], row[1]): row[3:] for row in rows if not row[2]}

    @staticmethod
    def _column(row: tuple[Any, ...], position: int, nulls: float | None, width: int | None) -> Column:
        (_, _, name, type_, not_null, default, generated, identity, collation, target, comment, acl) = row[:12]
        storage, compression, options, wrapper, local = row[12:]
        return _column(
            name=name,
            position=position,
            type=type_,
            not_null=not_null,
            default=default,
            generated=generated,
            identity=identity,
            collation=collation,
            statistics_target=target,
            comment=comment,
            acl=_acl(acl),
            storage=storage,
            compression=compression,
            options=(*(options or ()), *(wrapper or ())),
            local=local,
            null_fraction=nulls,
            average_width=width,
        )

    def _indexes(self) -> Iterator[Index]:
        owners = {row[14]: row[2] for row in self._of("constraints") if row[3] in "pux"}
        for row in self._of("indexes"):
            (oid, table, schema, name, definition, numbers, keys, method, unique, primary, valid, ready) = row[:12]
            predicate, parent, identity, clustered, tablespace, comment, pages, size, scans = row[12:]
            if table not in self.relations or definition is None:
                continue
            names = self._named(table, numbers)
            yield _index(
                name=Name(schema, name),
                table=self.relations[table],
                definition=definition,
                columns=tuple([column or None for column in names[:keys]]),
                included=names[keys:],
                method=method,
                unique=unique,
                primary=primary,
                valid=valid,
                ready=ready,
                predicate=predicate,
                constraint=owners.get(oid),
                parent=_name(parent),
                replica_identity=identity,
                clustered=clustered,
                tablespace=tablespace,
                comment=comment,
                bytes=self._grown(table, pages) if size is None else size,
                scans=scans,
            )

    def _grown(self, table: int, pages: int) -> int:
        """Bytes of an index that had `pages` when its table was last looked at: it grew as the table did."""
        return round(pages * self.growth[table]) * self.block

    def _constraints(self, indexes: Mapping[Name, Index]) -> Iterator[Constraint]:
        carriers = {(index.table, index.constraint): index.name for index in indexes.values() if index.constraint}
        for row in self._of("constraints"):
            (_, table, name, kind, definition, numbers, validated, enforced, deferrable, deferred, inherited) = row[:11]
            referenced, target, target_numbers, _, comment = row[11:]
            if table not in self.relations or definition is None:
                continue
            yield _constraint(
                name=name,
                table=self.relations[table],
                kind=ConstraintKind(kind),
                definition=definition,
                columns=self._named(table, numbers),
                validated=validated,
                enforced=enforced,
                deferrable=deferrable,
                deferred=deferred,
                inherited=inherited,
                references=_name(target),
                referenced_columns=self._named(referenced, target_numbers),
                index=carriers.get((self.relations[table], name)) if kind in "pux" else None,
                comment=comment,
            )

    def _triggers(self) -> Iterator[Trigger]:
        for table, name, definition, enabled, function, comment in self._of("triggers"):
            if on := self.relations.get(table):
                yield Trigger(
                    name=name, table=on, definition=definition, enabled=enabled, function=function, comment=comment
                )

    def _policies(self) -> Iterator[Policy]:
        for table, name, command, permissive, roles, using, check, comment in self._of("policies"):
            if on := self.relations.get(table):
                yield Policy(
                    name=name,
                    table=on,
                    command=command,
                    permissive=permissive,
                    roles=tuple(roles),
                    using=using,
                    check=check,
                    comment=comment,
                )

    def _sequences(self) -> Iterator[NumberSequence]:
        for row in self._of("sequences"):
            (schema, name, owner, type_, start, increment, minimum, maximum, cache, cycle, table, number) = row[:12]
            acl, default, comment, last = row[12:]
            if table in self.left_out:
                continue
            on = self.relations.get(table)
            column = self.columns.get(table, {}).get(number) if on else None
            yield NumberSequence(
                name=Name(schema, name),
                owner=owner,
                type=type_,
                start=start,
                increment=increment,
                minimum=minimum,
                maximum=maximum,
                cycle=cycle,
                cache=cache,
                owned_by=f"{on}.{quoted(column)}" if on and column else None,
                acl=_acl(acl, default),
                comment=comment,
                last_value=last,
            )

    def _routines(self) -> Iterator[Routine]:
        for row in self._of("routines"):
            (schema, name, arguments, kind, language, definition, owner, volatility, definer, acl, default, comment) = (
                row
            )
            yield Routine(
                name=Name(schema, name),
                arguments=arguments,
                kind=kind,
                language=language,
                definition=definition or "",
                owner=owner,
                volatility=volatility,
                security_definer=definer,
                acl=_acl(acl, default),
                comment=comment,
            )

    def _types(self) -> Iterator[Type]:
        for row in self._of("types"):
            (schema, name, kind, owner, labels, base, not_null, default, constraints, attributes) = row[:10]
            acl, default_acl, comment = row[10:]
            yield Type(
                name=Name(schema, name),
                kind=kind,
                owner=owner,
                labels=tuple(labels),
                base=base,
                not_null=not_null,
                default=default,
                constraints=tuple(constraints),
                attributes=tuple(attributes),
                acl=_acl(acl, default_acl),
                comment=comment,
            )

    def _sessions(self) -> Iterator[Session]:
        for pid, user, application, kind, state, query, age, behind, locks in self._of("sessions"):
            yield Session(
                pid=pid,
                user=user,
                application=application,
                kind=kind,
                state=state,
                query=query,
                transaction_age=age,
                snapshot_age=behind,
                locks=tuple((Name(schema, table), mode) for schema, table, mode in locks or ()),
            )
