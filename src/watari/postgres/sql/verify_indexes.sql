-- Which indexes are there, and are they valid and ready?
select n.nspname as schema, t.relname as table, c.relname as index, i.indisvalid as valid, i.indisready as ready,
       pg_catalog.pg_get_indexdef(i.indexrelid) as definition
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
 order by i.indisvalid, 1, 2, 3
