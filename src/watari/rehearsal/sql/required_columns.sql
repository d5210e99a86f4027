-- Which columns must an INSERT into this table name, because nothing else gives them a value?
select a.attname
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid
 where c.oid = pg_catalog.to_regclass(%s)
   and c.relkind in ('r', 'p')
   and a.attnum > 0
   and not a.attisdropped
   and a.attnotnull
   and not a.atthasdef
   and a.attidentity = ''
   and not exists (
     -- a trigger before the row may fill it
     select from pg_catalog.pg_trigger t
      where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 7 = 7)
 order by a.attnum
