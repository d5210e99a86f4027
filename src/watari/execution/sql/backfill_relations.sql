-- Which files hold the rows of a table (itself, its partitions and children), how long are they, and about how many rows?
with recursive family (oid) as (
    select to_regclass(%s)::oid
    union
    select i.inhrelid from pg_inherits i join family on i.inhparent = family.oid
)
select c.oid::bigint, n.nspname, c.relname, pg_relation_size(c.oid) / current_setting('block_size')::int,
       greatest(c.reltuples, 0)::float8, greatest(c.relpages, 0)::float8
from family
join pg_class c on c.oid = family.oid
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r'
order by c.oid;
