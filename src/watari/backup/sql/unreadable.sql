-- Which tables and sequences may this role not read?
select n.nspname, c.relname
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'S')
  and c.relpersistence <> 't'
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (select from pg_catalog.pg_depend d
                  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
  and not (pg_catalog.has_schema_privilege(n.oid, 'usage')
           and case when c.relkind = 'S' then pg_catalog.has_sequence_privilege(c.oid, 'select')
                    else pg_catalog.has_table_privilege(c.oid, 'select') end)
order by 1, 2
