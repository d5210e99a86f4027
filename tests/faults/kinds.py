"""Thirty and more kinds of migration, each as a team would write it, on a schema that has something of everything."""

from __future__ import annotations

SCHEMA = """
create table customers (id int primary key, name text not null, email text, age int);
insert into customers select g, 'name ' || g, 'c' || g || '@example.com', g % 90 from generate_series(1, 3000) g;
create table orders (id int primary key, customer_id int, code varchar(20), total int, state text default 'new', note text);
insert into orders select g, 1 + g % 3000, 'code' || g, g % 500, 'new', null from generate_series(1, 4000) g;
create index orders_code on orders (code);
create table events (id int, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
insert into events select g, date '2025-12-01' + g % 60 from generate_series(1, 500) g;
create table events_2027 (id int, at date);
create table gone (id int); insert into gone values (1);
create type mood as enum ('sad', 'happy');
create view totals as select customer_id, sum(total) as total from orders group by 1;
create materialized view counts as select state, count(*) from orders group by 1;
create sequence numbers;
create function twice(n int) returns int language sql immutable as 'select n * 2';
create table ledger (entry text);
"""

#: Each migration of a kind is one text; the last statement of most must not happen twice.
KINDS: dict[str, tuple[str, ...]] = {
    "create table": ("create table a (id int primary key); insert into ledger values ('once')",),
    "many tables": tuple(f"create table m{n} (id int)" for n in range(40)),
    "add column": ("alter table orders add column flag boolean; insert into ledger values ('once')",),
    "add column with a constant default": ("alter table orders add column n int not null default 7",),
    "add column with a volatile default": (
        "alter table orders add column token uuid not null default gen_random_uuid()",
    ),
    "add column that another one fills": (
        "alter table orders add column twice_total int",
        "update orders set twice_total = total * 2 where twice_total is null",
    ),
    "not null": ("alter table customers alter email set not null",),
    "check": ("alter table orders add constraint orders_total check (total >= 0)",),
    "foreign key": (
        "alter table orders add constraint orders_customer foreign key (customer_id) references customers",
    ),
    "unique": ("alter table customers add constraint customers_email unique (email)",),
    "index": ("create index orders_customer_id on orders (customer_id)",),
    "index concurrently": ("create index concurrently orders_state on orders (state)",),
    "unique index concurrently": ("create unique index concurrently orders_code_key on orders (code)",),
    "drop index": ("drop index orders_code",),
    "drop index concurrently": ("drop index concurrently orders_code",),
    "drop column": ("alter table orders drop column note",),
    "drop column with values": ("alter table orders drop column code",),
    "rename column that keeps its old name": ("alter table orders rename column code to sku",),
    "rename column of a table without rows": ("alter table events_2027 rename column at to day",),
    "rename column": ("alter table customers rename column age to years; insert into ledger values ('once')",),
    "integer to bigint": ("alter table customers alter column age type bigint",),
    "varchar to text": ("alter table orders alter column code type text",),
    "large update": ("update orders set total = total + 1",),
    "large delete": ("delete from orders where id % 3 = 0",),
    "update that stays whole": ("update orders set note = (select max(name) from customers) where id % 2 = 0",),
    "delete that stays whole": ("delete from orders where customer_id in (select id from customers where age = 7)",),
    "truncate": ("truncate customers",),
    "insert of many rows": ("insert into ledger select 'row ' || g from generate_series(1, 500) g",),
    "view": ("create view adults as select * from customers where age > 20", "drop view totals"),
    "materialized view": (
        "create materialized view m as select count(*) from orders; refresh materialized view counts",
    ),
    "function and trigger": (
        "create function stamp() returns trigger language plpgsql as $$ begin new.note := 'x'; return new; end $$; "
        "create trigger stamp before insert on orders for each row execute function stamp()",
    ),
    "replace function": (
        "create or replace function twice(n int) returns int language sql immutable as 'select n + n'",
    ),
    "enum value": ("alter type mood add value 'calm'", "create table moods (m mood)"),
    "domain and type": ("create domain positive as int check (value > 0); create type pair as (a int, b int)",),
    "attach partition": (
        "alter table events attach partition events_2027 for values from ('2027-01-01') to ('2028-01-01')",
    ),
    "detach partition": ("alter table events detach partition events_2025",),
    "detach partition concurrently": ("alter table events detach partition events_2025 concurrently",),
    "drop table": ("drop table gone; insert into ledger values ('once')",),
    "rename table that keeps its old name": ("alter table gone rename to departed",),
    "drop table that is kept": ("drop table gone",),
    "drop partitioned table": ("drop table events",),
    "drop partition": ("drop table events_2025",),
    "drop table cascade": ("drop table orders cascade",),
    "rename table": ("alter table gone rename to kept; create table gone (id bigint)",),
    "schema and privileges": (
        "create schema audit; create table audit.log (id int); grant select on audit.log to public; "
        "comment on table audit.log is 'who did what'",
    ),
    "sequence": ("alter sequence numbers increment by 10; select nextval('numbers')",),
    "copy": ("create table copied (id int, name text);\ncopy copied from stdin;\n1\ta\n2\tb\n\\.\n",),
    "vacuum": ("vacuum analyze orders",),
    "index on partitions": ("create index on events (id)",),
    "key of partitions": ("alter table events add constraint events_key unique (id, at)",),
    "serial column": ("alter table orders add column number bigserial",),
    "identity column": ("alter table orders add column number int generated always as identity",),
    "reindex of a table": ("reindex table orders",),
    "refresh": ("create unique index on counts (state)", "refresh materialized view counts"),
    "reindex concurrently": ("reindex index concurrently orders_code",),
    "reindex of a table concurrently": ("reindex table concurrently orders",),
    "settings of the session": ("set search_path to public; set work_mem to '8MB'; create table s (id int)",),
    "primary key": (
        "alter table customers drop constraint customers_pkey; alter table customers add primary key (id)",
    ),
    "row security": ("alter table orders enable row level security; create policy p on orders using (total > 0)",),
    "do block": (
        "do $$ begin for n in 1..3 loop execute format('create table d%s (id int)', n); end loop; end $$; "
        "insert into ledger values ('once')",
    ),
}
