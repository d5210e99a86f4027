-- May this role rename a database: as superuser, or as its owner with the right to create databases?
select r.rolsuper or (r.rolcreatedb and pg_catalog.pg_has_role(d.datdba, 'usage')),
       pg_catalog.pg_get_userbyid(d.datdba)
from pg_catalog.pg_roles r
cross join pg_catalog.pg_database d
where r.rolname = current_user
  and d.datname = %(database)s
