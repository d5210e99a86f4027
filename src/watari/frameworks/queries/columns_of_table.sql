-- Which columns does this table have, and of which types?
select a.attname, format_type(a.atttypid, a.atttypmod)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
 where n.nspname = %(schema)s
   and c.relname = %(table)s
   and c.relkind in ('r', 'p', 'v', 'f')
   and a.attnum > 0
   and not a.attisdropped
 order by a.attnum
