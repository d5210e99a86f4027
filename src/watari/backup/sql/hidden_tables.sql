-- From which tables does row level security hide rows from this role?
select n.nspname, c.relname
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
  and c.relrowsecurity
  and n.nspname !~ '^pg_'
  and pg_catalog.row_security_active(c.oid)
order by 1, 2
