-- Which columns does an INSERT without a list of columns fill, in this order?
select a.attname
  from pg_catalog.pg_attribute a
 where a.attrelid = pg_catalog.to_regclass(%s) and a.attnum > 0 and not a.attisdropped
 order by a.attnum
