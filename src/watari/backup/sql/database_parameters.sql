-- Which server parameters are set for a database, or for a role in it? "name=value" each.
select r.rolname, p.setting
from pg_catalog.pg_db_role_setting s
join pg_catalog.pg_database d on d.oid = s.setdatabase
left join pg_catalog.pg_roles r on r.oid = s.setrole
cross join lateral pg_catalog.unnest(s.setconfig) as p(setting)
where d.datname = %(database)s
order by 1 nulls first, 2
