-- Which schemas, extensions, sequences, types, routines, triggers and policies are there?
select 'schema' as kind, n.nspname as name from pg_catalog.pg_namespace n
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select 'extension', e.extname from pg_catalog.pg_extension e
union all
select 'sequence', pg_catalog.format('%I.%I', n.nspname, c.relname)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'S' and n.nspname !~ '^pg_'
union all
select 'type', pg_catalog.format('%I.%I', n.nspname, t.typname)
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  left join pg_catalog.pg_class c on c.oid = t.typrelid
 where (t.typtype in ('e', 'd', 'r') or c.relkind = 'c') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select 'routine', pg_catalog.format('%I.%I', n.nspname, p.proname)
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
 where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select 'trigger', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, t.tgname)
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where not t.tgisinternal
union all
select 'policy', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, p.polname)
  from pg_catalog.pg_policy p
  join pg_catalog.pg_class c on c.oid = p.polrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 order by 1, 2
