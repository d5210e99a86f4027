-- Which schemas belong to users, whose are they, and who may use them?
select n.nspname, pg_catalog.pg_get_userbyid(n.nspowner), n.nspacl::text[],
       pg_catalog.acldefault('n', n.nspowner)::text[], d.description
  from pg_catalog.pg_namespace n
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.objoid = n.oid
 where n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
   and not exists (select from pg_catalog.pg_depend e
                    where e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and e.objid = n.oid
                      and e.deptype = 'e')
 order by n.nspname
