-- Which tables, views, sequences and indexes stand in this schema?
select c.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(schema)s
 order by c.relname
