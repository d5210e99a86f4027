-- From which relations does each view read?
select distinct r.ev_class::int8, n.nspname, s.relname
  from pg_catalog.pg_rewrite r
  join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
   and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> r.ev_class
  join pg_catalog.pg_class s on s.oid = d.refobjid
  join pg_catalog.pg_namespace n on n.oid = s.relnamespace
 where r.rulename = '_RETURN' and r.ev_class >= 16384
 order by 1, 2, 3
