-- What have runs kept of what they dropped, replaced or renamed, and where is it now?
select k.number, k.run, k.migration, k.kind, k.object, n.nspname, c.relname, k.place, k.parts, k.kept_at
  from watari.kept k
  join pg_catalog.pg_class c on c.oid = k.relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where k.place is null or exists (
   select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = k.place and not a.attisdropped)
 order by k.number
