-- Of a foreign key that is still to come: both tables, the key's columns with their types, and what can be written there.
select cn.nspname, c.relname, pn.nspname, p.relname,
       k.keys,
       (select array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by o.place)
          from unnest(k.keys) with ordinality o (name, place)
          join pg_catalog.pg_attribute a on a.attrelid = p.oid and a.attname = o.name) as types,
       (select array_agg(a.attname::text order by a.attnum)
          from pg_catalog.pg_attribute a
         where a.attrelid = p.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as written
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
  join pg_catalog.pg_class p on p.oid = pg_catalog.to_regclass(%(parent)s)
  join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
  cross join lateral (
    select case when cardinality(%(keys)s::text[]) > 0 then %(keys)s::text[]
           else (select array_agg(a.attname::text order by o.place)
                   from pg_catalog.pg_index i
                   cross join unnest(i.indkey::smallint[]) with ordinality o (number, place)
                   join pg_catalog.pg_attribute a on a.attrelid = p.oid and a.attnum = o.number
                  where i.indrelid = p.oid and i.indisprimary) end as keys
  ) as k
 where c.oid = pg_catalog.to_regclass(%(child)s)
   and not exists (
     -- columns that the plan itself makes hold nothing yet
     select from unnest(%(columns)s::text[]) as f (name)
      where not exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = f.name))
