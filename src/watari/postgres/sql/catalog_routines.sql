-- Which functions, procedures and aggregates did people make?
select n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid), p.prokind::text, l.lanname,
       case when p.prokind = 'a' then
         pg_catalog.format('AGGREGATE returns %s sfunc %s stype %s finalfunc %s combinefunc %s initcond %s sortop %s',
                           pg_catalog.format_type(p.prorettype, null), a.aggtransfn,
                           pg_catalog.format_type(a.aggtranstype, null), a.aggfinalfn, a.aggcombinefn, a.agginitval,
                           a.aggsortop::pg_catalog.regoperator)
         else pg_catalog.pg_get_functiondef(p.oid) end,
       pg_catalog.pg_get_userbyid(p.proowner), p.provolatile::text, p.prosecdef, p.proacl::text[],
       case when p.proacl is not null then pg_catalog.acldefault('f', p.proowner)::text[] end, d.description
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_language l on l.oid = p.prolang
  left join pg_catalog.pg_aggregate a on a.aggfnoid = p.oid
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objoid = p.oid
 where n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
   and not exists (select from pg_catalog.pg_depend e
                    where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid
                      and e.deptype in ('e', 'i'))
 order by n.nspname, p.proname, 3
