-- May this role create databases, and is it a superuser?
select rolcreatedb or rolsuper, rolsuper
from pg_catalog.pg_roles
where rolname = current_user
