-- By which operators does each foreign key compare (a type's own equality need not be on the path)?
select n.nspname, c.relname, o.conname,
       array(select pg_catalog.format('OPERATOR(%I.%s)', x.nspname, p.oprname)
               from pg_catalog.unnest(o.conpfeqop) with ordinality as u (oid, place)
               join pg_catalog.pg_operator p on p.oid = u.oid
               join pg_catalog.pg_namespace x on x.oid = p.oprnamespace
              order by u.place)
  from pg_catalog.pg_constraint o
  join pg_catalog.pg_class c on c.oid = o.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where o.contype = 'f' and n.nspname !~ '^pg_'
