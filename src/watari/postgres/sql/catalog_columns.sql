-- Which columns have the tables, in their own order?
select c.oid::int8, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_catalog.pg_get_expr(x.adbin, x.adrelid), a.attgenerated::text, a.attidentity::text,
       case when a.attcollation <> t.typcollation then
         (select pg_catalog.format('%I.%I', cn.nspname, l.collname)
            from pg_catalog.pg_collation l join pg_catalog.pg_namespace cn on cn.oid = l.collnamespace
           where l.oid = a.attcollation) end,
       case when a.attstattarget >= 0 then a.attstattarget end, d.description, a.attacl::text[],
       case when a.attstorage <> t.typstorage then a.attstorage::text else '' end, a.attcompression::text,
       a.attoptions, a.attfdwoptions, a.attislocal
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef x on x.adrelid = a.attrelid and x.adnum = a.attnum
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = a.attrelid and d.objsubid = a.attnum
 where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
 order by a.attrelid, a.attnum
