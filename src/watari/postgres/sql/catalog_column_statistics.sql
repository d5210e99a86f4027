-- How many of a column's values are null, and how wide are they, as far as this user may know?
select c.oid::int8, s.attname, s.inherited, s.null_frac, s.avg_width
  from pg_catalog.pg_stats s
  join pg_catalog.pg_namespace n on n.nspname = s.schemaname
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
 where s.schemaname !~ '^(pg_|watari_dropped_)' and s.schemaname not in ('information_schema', 'watari')
