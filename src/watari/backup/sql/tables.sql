-- Which tables' rows does a dump hold, and how large are they (heap and TOAST)? Largest first.
select n.nspname, c.relname, coalesce(pg_catalog.pg_table_size(c.oid), 0)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r'
  and c.relpersistence <> 't'
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (select from pg_catalog.pg_depend d
                  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
order by 3 desc, 1, 2
