-- Which functions has watari made that are still there?
select pg_catalog.format('%I.%I', n.nspname, p.proname)
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where p.proname like 'watari\_%'
 order by 1
