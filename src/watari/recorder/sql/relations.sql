-- Which relations are there, by oid, under which names and files? TOAST and watari's own tables are told as such.
select c.oid::int8, n.nspname, c.relname, c.relkind::text, pg_relation_filenode(c.oid)::int8, i.indrelid::int8,
    n.nspname ~ '^pg_toast' or n.nspname = 'watari', c.relpages
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_index i on i.indexrelid = c.oid
where c.oid >= 16384 and (%(only)s::int8[] is null or c.oid = any(%(only)s::int8[]::oid[]));
