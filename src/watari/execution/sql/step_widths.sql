-- How wide are the columns of a table on average, in bytes, as far as it was analysed?
select s.attname::text, max(s.avg_width)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname
where c.oid = to_regclass(%(name)s)
group by 1;
