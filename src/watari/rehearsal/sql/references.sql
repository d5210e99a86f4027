-- Which columns refer to which, and of what types are those?
select cn.nspname, c.relname, pn.nspname, p.relname,
       (select array_agg(a.attname::text order by k.place)
          from unnest(f.conkey) with ordinality k (number, place)
          join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number) as columns,
       (select array_agg(a.attname::text order by k.place)
          from unnest(f.confkey) with ordinality k (number, place)
          join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number) as keys,
       (select array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by k.place)
          from unnest(f.confkey) with ordinality k (number, place)
          join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number) as types,
       (select array_agg(a.attname::text order by a.attnum)
          from pg_catalog.pg_attribute a
         where a.attrelid = f.confrelid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as written
  from pg_catalog.pg_constraint f
  join pg_catalog.pg_class c on c.oid = f.conrelid
  join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
  join pg_catalog.pg_class p on p.oid = f.confrelid
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
 where f.contype = 'f' and f.conparentid = 0
 order by f.oid
