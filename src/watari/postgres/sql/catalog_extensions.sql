-- Which extensions are installed?
select e.extname, e.extversion, n.nspname
  from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
 order by e.extname
