-- What has watari made for itself and not taken away: columns, indexes, constraints, triggers, functions?
select 'column' as kind, pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname) as name
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where a.attname like 'watari\_%' and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
union all
select case when c.relkind in ('i', 'I') then 'index' else 'relation' end,
       pg_catalog.format('%I.%I', n.nspname, c.relname)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relname like 'watari\_%' and n.nspname <> 'watari'
union all
select 'constraint', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, o.conname)
  from pg_catalog.pg_constraint o
  join pg_catalog.pg_class c on c.oid = o.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where o.conname like 'watari\_%' and n.nspname <> 'watari'
union all
select 'trigger', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, t.tgname)
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
 where not t.tgisinternal and (t.tgname like 'watari\_%' or p.proname like 'watari\_%')
union all
select 'function', pg_catalog.format('%I.%I', n.nspname, p.proname)
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where p.proname like 'watari\_%'
 order by 1, 2
