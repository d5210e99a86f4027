-- May this user take a base backup, and is all of the server in its one folder?
select r.rolreplication or r.rolsuper,
       not exists (select from pg_catalog.pg_tablespace where spcname not in ('pg_default', 'pg_global'))
  from pg_catalog.pg_roles r
 where r.rolname = current_user
