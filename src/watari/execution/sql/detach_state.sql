-- Does this table still belong to that one as a partition, and is its detach under way?
select i.inhdetachpending, pn.nspname, p.relname, n.nspname, c.relname
from pg_inherits i
join pg_class c on c.oid = i.inhrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = i.inhparent
join pg_namespace pn on pn.oid = p.relnamespace
where i.inhrelid = to_regclass(%(partition)s) and i.inhparent = to_regclass(%(parent)s);
