-- May this user make a database as a copy of that one?
select (r.rolcreatedb or r.rolsuper) and (r.rolsuper or d.datistemplate or pg_has_role(d.datdba, 'MEMBER'))
from pg_roles r, pg_database d
where r.rolname = current_user and d.datname = %s;
