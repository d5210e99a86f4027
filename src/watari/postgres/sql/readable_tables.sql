-- Which tables may this user read, and from which does row level security hide rows?
select n.nspname, c.relname, pg_catalog.has_table_privilege(c.oid, 'SELECT'), pg_catalog.row_security_active(c.oid)
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
   and pg_catalog.has_schema_privilege(n.oid, 'USAGE')
