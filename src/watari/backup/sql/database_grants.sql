-- Who was granted what on a database itself? A null role is PUBLIC.
select r.rolname, a.privilege_type, a.is_grantable
from pg_catalog.pg_database d
cross join lateral pg_catalog.aclexplode(d.datacl) a
left join pg_catalog.pg_roles r on r.oid = a.grantee
where d.datname = %(database)s
order by 1 nulls first, 2
