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

KEYED = """
    create table runs (id int not null, key text not null, n int, constraint runs_pk primary key (id, key), unique (key, n));
    insert into runs select n, 'k' || n, n from generate_series(1, 300) n;
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
_add(
    "concurrent-index",
    PARTED,
    "create index on events (customer_id)",
    'create index "Events 索引" on events (kind desc, lower(kind)) include (amount) where amount > 3',
    "create index if not exists by_day on public.events using brin (day) with (pages_per_range = 8)",
)
_add(
    "concurrent-index",
    PARTED
    + """
    create index mine on events_2024 (amount desc); create index "events_2025_a_amount_idx" on customers (email);
    create index nested on events_2025 (amount desc);
    """,
    "create index on events (amount desc)",
)
_add("concurrent-index", PARTED, "create unique index on events (day, kind, id)")
_add(
    "unique-through-index",
    PARTED,
    "alter table events add primary key (id, day, kind)",
    "alter table events add unique (day, kind, id) include (amount)",
    'alter table events add constraint "一意" unique (id, kind, day) deferrable initially deferred',
)
_add(
    "unique-through-index",
    PARTED + "alter table events_2024 add constraint own unique (day, kind, id);",
    "alter table events add unique (day, kind, id)",
)
_add(
    "validated-foreign-key",
    PARTED,
    "alter table events add foreign key (customer_id) references customers on delete cascade",
    'alter table events add constraint "客" foreign key (customer_id) references customers (id) deferrable initially deferred',
)
_add(
    "validated-check",
    PARTED,
    "alter table events add check (amount > 0)",
    "alter table events add constraint c check (kind <> 'z')",
)
_add(
    "proved-not-null",
    PARTED,
    "alter table events alter customer_id set not null",
    "alter table events alter column kind set not null",
)
_add("proved-not-null", PARTED, "alter table events add constraint named not null amount", since=18)
READY = """
    create table fresh (like events including defaults); create index on events (customer_id);
    create index "式" on events (lower(kind)) where amount > 0; alter table events add unique (day, kind, id);
    alter table events add foreign key (customer_id) references customers;
    insert into fresh select n, date '2030-01-01' + n, chr(97 + n % 3), 1 + n % 50, n from generate_series(1, 50) n;
    create table "リスト" (k text, r int, v int) partition by list (lower(k)); create table "リスト 1" (k text, r int, v int);
    insert into "リスト 1" select 'A', n, n from generate_series(1, 50) n;
    create table pairs (a int, b int, v text, primary key (a, b)) partition by range (a, b); create table pairs_1 (like pairs);
    alter table pairs_1 add primary key (b, a);
    alter table pairs_1 drop constraint pairs_1_pkey; insert into pairs_1 select 5, n, 'v' from generate_series(1, 50) n;
"""
_add(
    "proved-attach",
    PARTED + READY,
    "alter table events attach partition fresh for values from ('2030-01-01') to ('2031-01-01')",
    "alter table events attach partition public.fresh for values from ('2029-01-01') to (maxvalue)",
    """alter table "リスト" attach partition "リスト 1" for values in ('a', 'b')""",
    """alter table "リスト" attach partition "リスト 1" for values in ('a', null)""",
    "alter table pairs attach partition pairs_1 for values from (5, minvalue) to (6, 3)",
    "alter table pairs attach partition pairs_1 for values from (5, 1) to (5, 100)",
)
_add(
    "concurrent-detach",
    PARTED + READY + "drop table events_rest;",
    "alter table events detach partition events_2024",
    "alter table public.events detach partition events_2025",
)
VIEW = """
    create materialized view totals as select customer_id, sum(total) as total from orders group by 1;
    create unique index on totals (customer_id); create index on totals (total); update orders set total = total + 5;
"""
_add(
    "concurrent-refresh",
    SHOP + VIEW,
    "refresh materialized view totals",
    "refresh materialized view public.totals with data",
)
_add(
    "concurrent-reindex",
    SHOP + "create index by_code on orders (code);",
    "reindex table orders",
    "reindex index by_code",
    "reindex (verbose) table public.orders",
)
_add(
    "concurrent-reindex",
    PARTED + "create index whole on events (amount);",
    "reindex table events",
    "reindex index whole",
)
_add("concurrent-reindex", SHOP, 'reindex table "店"."注文 明細"')
_add(
    "filled-column",
    SHOP,
    "alter table orders add column token uuid default gen_random_uuid()",
    "alter table orders add column if not exists token uuid not null default gen_random_uuid() unique",
    unlike=("token",),
)
_add(
    "filled-column",
    SHOP,
    "alter table orders add column state text default 'new' check (state <> '')",
    "alter table orders add column boss bigint default 1 references customers deferrable",
    "alter table orders add column number bigserial",
    "alter table orders add column number serial not null unique",
    "alter table customers add column number smallserial",
    'alter table "店"."注文 明細" add column "連番" bigint generated always as identity (start 100 increment 5)',
    "alter table customers add number int generated by default as identity unique",
)
_add(
    "concurrent-drop",
    SHOP + "create index one on orders (code); create index two on orders (total);",
    "drop index one, two",
)
_add(
    "validated-foreign-key",
    SHOP,
    "alter table orders add foreign key (customer_id) references customers on delete cascade",
    "alter table customers add constraint tree foreign key (parent) references customers (id) on update cascade",
    'alter table "店"."注文 明細" add foreign key ("注文") references public.customers deferrable initially deferred',
)
_add(
    "validated-check",
    SHOP,
    "alter table orders add check (total > 0)",
    "alter table orders add check (total > 0 and code <> note) no inherit",
    'alter table "店"."注文 明細" add constraint "数量は正" check ("数量" >= 0)',
    "alter table orders add check (length(code) < 50), add check (total < 1000000)",
)
_add(
    "validated-alone",
    SHOP,
    "alter table orders add constraint c check (total > 0) not valid; alter table orders validate constraint c",
)
_add(
    "proved-not-null",
    SHOP,
    "alter table orders alter column code set not null",
    'alter table "店"."注文 明細" alter "Note" set not null, alter "数量" set not null',
)
_add("proved-not-null", SHOP, "alter table orders add constraint given not null code", since=18)
_add(
    "unique-through-index",
    SHOP + "alter table customers drop constraint customers_pkey;",
    "alter table orders add unique (code)",
    "alter table customers add primary key (id)",
    'alter table "店"."注文 明細" add constraint "一意" unique ("Note") include ("数量") with (fillfactor = 70) deferrable',
)
_add(
    "unique-through-index",
    SHOP,
    "alter table orders add constraint u unique nulls not distinct (code, total)",
    since=15,
)
_add(
    "unique-through-index",
    KEYED,
    "alter table runs drop constraint runs_pk, add constraint runs_pk primary key (key, id)",
    "create unique index made on runs (n); alter table runs add constraint u unique using index made; alter table runs add unique (id, n)",
)
_add(
    "new-column",
    SHOP
    + "create type mood as enum ('sad', 'ok', 'gone'); alter table orders add mood mood default 'ok'; create index on orders (mood);",
    """create type mood_new as enum ('sad', 'ok'); alter table orders alter mood drop default;
    alter table orders alter mood type mood_new using mood::text::mood_new; alter type mood rename to mood_old;
    alter type mood_new rename to mood; drop type mood_old; alter table orders alter mood set default 'ok'""",
    reordered=True,
)
_add(
    "new-column",
    SHOP,
    "alter table orders alter column total type bigint",
    "alter table orders alter total type text using total::text",
    'alter table orders alter code type varchar(20) collate "C"',
    'alter table "店"."注文 明細" alter "数量" type numeric(12, 2)',
    reordered=True,
)


_add(
    "new-column",
    """
    create table users (id int generated by default as identity (start 7 increment 3 cache 5), name text, primary key (id));
    create table counted (id int generated always as identity unique, n int);
    insert into counted (n) select n from generate_series(1, 30) n;
    create schema o; create table o."訪問" (id serial primary key, "利用者" int not null, boss int, other bigint unique);
    create table tree (id int primary key, parent int references tree on delete cascade); insert into tree values (1, 1), (2, 1);
    insert into users (name) select 'u' || n from generate_series(1, 50) n;
    insert into o."訪問" ("利用者", boss, other) select id, id, id from users;
    alter table o."訪問" add constraint "訪問者" foreign key ("利用者") references users on delete cascade deferrable;
    alter table o."訪問" add foreign key (boss) references public.users (id) on update cascade on delete set null;
    alter table o."訪問" add foreign key (other) references users (id);
    comment on constraint "訪問者" on o."訪問" is 'who'; comment on sequence users_id_seq is 'numbers';
    grant usage on sequence users_id_seq to public; create index on users (id desc, name);
    """,
    "alter table users alter id type bigint",
    "alter table tree alter id type bigint",
    "alter table counted alter column id set data type bigint",
    'alter table o."訪問" alter "利用者" type bigint, alter id type bigint',
    'alter table users alter id type bigint; alter table o."訪問" alter "利用者" type bigint',
    reordered=True,
)

NAMED = """
    create table teams (id int primary key); insert into teams select generate_series(1, 50);
    create schema "店";
    create table members (
        id bigint generated always as identity primary key, "Team" int not null default 7 references teams on delete cascade,
        code text collate "C", state varchar(9) default 'new', seen timestamptz default now(), data json, sum int,
        half int generated always as (sum / 2) stored, constraint one_code unique (code, "Team") deferrable,
        constraint positive check ("Team" > 0), constraint nobody check ("Team" <> 0) no inherit
    );
    create table visits (member bigint references members on update cascade, n serial not null unique);
    create index by_team on members ("Team" desc) include (sum);
    create index by_half on members ((("Team" + 1) / 2)) where "Team" > 3;
    create unique index by_both on members (id, "Team") where sum is not null;
    create index by_state on members (lower(state) text_pattern_ops); create statistics pairs on "Team", sum from members;
    create view few as select id, "Team", code from members where "Team" < 9;
    create function team_of(n bigint) returns int begin atomic select "Team" from members where id = n; end;
    alter table members enable row level security; create policy p on members using ("Team" > 0);
    comment on column members."Team" is 'who''s it'; comment on index by_half is 'half'; comment on constraint positive on members is 'p';
    grant select ("Team", state), update (id) on members to public; alter table members alter "Team" set statistics 300;
    alter table members alter state set storage external; alter table members replica identity full;
    insert into members ("Team", code, state, seen, sum, data)
    select 1 + n % 50, nullif('c' || n, 'c9'), nullif('s' || n % 7, 's3'), '2026-01-01', n, json_build_object('n', n) from generate_series(1, 200) n;
    insert into visits select n from generate_series(1, 200) n;
    create table "店"."品" ("番号" int primary key, "名 前" text); insert into "店"."品" select n, 'n' || n from generate_series(1, 50) n;
"""
_add(
    "kept-column-name",
    NAMED,
    'alter table members rename "Team" to squad',
    'alter table members rename column code to "Code\'"',
    "alter table public.members rename column state to stage; alter table members rename column sum to total",
    "alter table members rename id to number",
    "alter table visits rename column n to number; alter table visits rename member to of_member",
    "alter table members rename column seen to seen_at",
    "alter table members rename data to body; alter table members drop column body",
    "alter table members rename state to stage; alter table members alter stage type varchar(20), alter stage drop default",
    'alter table "店"."品" rename "番号" to "品 番"; alter table "店"."品" rename to "商品"',
    pauses=True,
)

_OF_FORM = {form: [case for case in CASES if case.form == form] for form in dict.fromkeys(case.form for case in CASES)}
#: The first and the last case of each form, of the plain tables above.
ENDS = list(dict.fromkeys(case for cases in _OF_FORM.values() for case in (cases[0], cases[-1])))

#: What hangs on the tables of the shop: none of it may be lost, and none of it may end otherwise.
_SHOWN = """
    create function touched() returns trigger language plpgsql as $$ begin return new; end $$;
    create function label(o orders) returns text language sql stable as $$ select o.code $$;
    create view codes as select code, total from orders where total > 5; create view "店"."名" as select code from codes;
    create view people as select id, parent, email from customers;
    create statistics pairwise (dependencies) on code, total from orders;
    comment on column orders.total is 'sum';
    grant select on orders to public; grant update (total) on orders to public; alter table orders alter total set statistics 300;
"""
SHOWN = SHOP + _SHOWN
TRIGGERED = """
    create trigger touched before insert or update of total, code on orders for each row execute function touched();
    create trigger whole after delete on orders for each statement execute function touched();
    create rule told as on delete to customers do also notify gone;
"""
PUBLISHED = "create publication news for table orders, customers;"
SECURED = "create policy own on orders using (total > 0); alter table orders enable row level security;"
HANGING = SHOWN + TRIGGERED + PUBLISHED + SECURED
_add(
    "concurrent-index",
    HANGING,
    "create index on orders (customer_id)",
    "create unique index on orders (code, total) where total > 0",
)
# triggers, rules and row level security keep it one statement
_add(
    "cut-by-key",
    SHOWN + PUBLISHED + "create unique index on orders (code); alter table orders alter code set not null;",
    "update orders set note = upper(note) where total > 3",
    "delete from orders where total < 50",
)
_add(
    "unique-through-index",
    HANGING,
    "alter table orders add unique (code)",
    "alter table orders add constraint u unique (code, total)",
)
_add(
    "validated-foreign-key",
    HANGING,
    "alter table orders add foreign key (customer_id) references customers on delete set null",
)
_add("validated-check", HANGING, "alter table orders add constraint positive check (total > 0 and code <> '')")
_add(
    "validated-alone",
    HANGING + "alter table orders add constraint c check (total > 0) not valid;",
    "alter table orders validate constraint c",
)
_add("proved-not-null", HANGING, "alter table orders alter code set not null, alter total set not null")
_add("filled-column", HANGING, "alter table orders add column token uuid default gen_random_uuid()", unlike=("token",))
_add(
    "filled-column",
    HANGING,
    "alter table orders add column number bigserial",
    "alter table customers add state text default 'new' check (state <> '')",
)
_add(
    "concurrent-drop",
    HANGING + "create index one on orders (code); create index two on orders (total);",
    "drop index one, two",
)
_add(
    "concurrent-reindex",
    HANGING + "create index by_code on orders (code);",
    "reindex table orders",
    "reindex index by_code",
)
_SUMS = "create view sums as select * from totals;"
_add(
    "concurrent-refresh",
    HANGING + VIEW + _SUMS,
    "refresh materialized view totals",
)
# a replica would not know the new column
_add(
    "new-column",
    SHOWN + TRIGGERED + SECURED,
    "alter table orders alter note type varchar(200) using note::varchar(200)",
    reordered=True,
)
_PARTED_HANGING = """
    create function touched() returns trigger language plpgsql as $$ begin return new; end $$;
    create view seen as select id, kind from events; create trigger touched before insert on events for each row execute function touched();
    create policy own on events using (amount > 0); alter table events enable row level security; create publication news for table events;
"""
PARTED_HANGING = PARTED + READY + _PARTED_HANGING
_add(
    "proved-attach",
    PARTED_HANGING,
    "alter table events attach partition fresh for values from ('2030-01-01') to ('2031-01-01')",
)
_add("concurrent-detach", PARTED_HANGING + "drop table events_rest;", "alter table events detach partition events_2024")
_add("concurrent-index", PARTED_HANGING, "create index on events (amount)")
