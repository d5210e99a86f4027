"""Statements with a safe form, many a form, on tables with rows: quoted names, schemas, partitions, dependants."""

from __future__ import annotations

from planning.equality import Case

SHOP = """
    create schema "店";
    create table customers (id bigint primary key, email text not null, region text, parent bigint);
    create table orders (
        id bigint generated always as identity primary key, customer_id bigint, code text, note text, total int,
        placed_at timestamptz default now()
    );
    create table "店"."注文 明細" ("番号" int primary key, "数量" int, "注文" bigint, "Note" text);
    insert into customers select n, 'c' || n || '@example.com', 'r' || n % 3, n from generate_series(1, 50) n;
    insert into orders (customer_id, code, note, total, placed_at)
    select 1 + n % 50, 'code' || n, 'note', n, '2026-01-01' from generate_series(1, 200) n;
    insert into "店"."注文 明細" select n, n % 7, 1 + n % 50, 'n' || n from generate_series(1, 100) n;
"""

PARTED = """
    create table customers (id bigint primary key, email text);
    insert into customers select n, 'c' || n from generate_series(1, 50) n;
    create table events (id bigint not null, day date not null, kind text, customer_id bigint, amount int)
        partition by range (day);
    create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
    create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01')
        partition by list (kind);
    create table events_2025_a partition of events_2025 for values in ('a');
    create schema other;
    create table other."E 2025 他" partition of events_2025 default;
    create table events_rest partition of events default;
    insert into events select n, date '2024-01-01' + n * 3, chr(97 + n % 3), 1 + n % 50, n from generate_series(1, 300) n;
"""

CASES: list[Case] = []


def _add(form: str, setup: str, *statements: str, **rest: object) -> None:
    CASES.extend(Case(form=form, setup=setup, statement=statement, **rest) for statement in statements)  # type: ignore[arg-type]


_add(
    "concurrent-index",
    SHOP,
    "create index on orders (customer_id)",
    "create index orders_by_time on public.orders using brin (placed_at) with (pages_per_range = 16)",
    "create unique index on orders (lower(code), total desc nulls last) include (note) where total > 0",
    'create index "Großer Index" on orders (code collate "C" text_pattern_ops)',
    'create index on "店"."注文 明細" ("数量", lower("Note"))',
    "create index if not exists orders_total on orders (total)",
)
_add(
    "cut-by-key",
    SHOP + "create unique index on orders (code); alter table orders alter code set not null;",
    "update orders set total = total + 1",
    "update orders as o set note = upper(o.code) || coalesce(o.note, '-'), total = null where o.total % 2 = 0 or o.note is null",
    "delete from orders where total between 10 and 60 and note like 'n%'",
    "delete from orders",
    "update orders set placed_at = placed_at + interval '1 day'",
    'update "店"."注文 明細" set "数量" = "数量" * 2, "Note" = null where "番号" > 10',
)
_add(
    "cut-by-key",
    PARTED + "alter table events add primary key (day, kind, id);",
    "update events set amount = -amount where customer_id > 7",
    "delete from public.events where amount % 3 = 0",
)
