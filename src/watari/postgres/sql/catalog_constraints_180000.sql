-- Which constraints have the tables, and are they validated?
select o.oid::int8, o.conrelid::int8, o.conname, o.contype::text, pg_catalog.pg_get_constraintdef(o.oid), o.conkey,
       o.convalidated, o.conenforced, o.condeferrable, o.condeferred, o.coninhcount > 0, o.confrelid::int8,
       case when o.contype = 'f' then array[rn.nspname::text, r.relname::text] end, o.confkey, o.conindid::int8,
       d.description
  from pg_catalog.pg_constraint o
  join pg_catalog.pg_class c on c.oid = o.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_class r on r.oid = o.confrelid
  left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.objoid = o.oid
 where o.contype in ('c', 'f', 'p', 'u', 'x', 'n')
   and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
 order by n.nspname, c.relname, o.conname
