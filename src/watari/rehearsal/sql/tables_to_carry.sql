-- Which tables hold rows of their own, with which columns that can be written, how large are they, and does the binary form of
-- every column mean the same on another server? (Not that of types that hold the number of an object: reg*, and arrays and rows of
-- types that somebody made.)
select n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid) as bytes,
       (select array_agg(a.attname::text order by a.attnum)
          from pg_catalog.pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       not exists (
         select from pg_catalog.pg_attribute a
           join pg_catalog.pg_type d on d.oid = a.atttypid
           join pg_catalog.pg_type t on t.oid = case d.typtype when 'd' then d.typbasetype else d.oid end
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            and not (t.typtype = 'e'
                     or (t.oid < 10000 and t.typtype in ('b', 'r', 'm') and t.typsend <> 0 and t.typreceive <> 0
                         and t.typname !~ '^_?(reg|xml$)'))) as binary
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r'
   and c.relpersistence <> 't'
   and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   and not exists (
     select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by bytes desc, n.nspname, c.relname
