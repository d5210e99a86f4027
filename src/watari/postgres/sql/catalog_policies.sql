-- Which row level security policies guard the tables?
select p.polrelid::int8, p.polname, p.polcmd::text, p.polpermissive,
       array(select coalesce(r.rolname::text, 'public')
               from pg_catalog.unnest(p.polroles) as m (oid) left join pg_catalog.pg_roles r on r.oid = m.oid
              order by 1),
       pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), d.description
  from pg_catalog.pg_policy p
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objoid = p.oid
 order by p.polrelid, p.polname
