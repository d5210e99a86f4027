-- Which tables does another session hold locks on now, and how strongly?
select n.nspname, c.relname, array_agg(l.mode)
from pg_locks l
join pg_class c on c.oid = l.relation
join pg_namespace n on n.oid = c.relnamespace
where l.pid = %s and l.locktype = 'relation' and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
    and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('watari', 'information_schema') and n.nspname !~ '^pg_'
group by n.nspname, c.relname;
