-- Which triggers did people make?
select t.tgrelid::int8, t.tgname, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled::text,
       pg_catalog.format('%I.%I', fn.nspname, f.proname), d.description
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_proc f on f.oid = t.tgfoid
  join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and d.objoid = t.oid
 where not t.tgisinternal and t.tgparentid = 0
   and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
 order by n.nspname, c.relname, t.tgname
