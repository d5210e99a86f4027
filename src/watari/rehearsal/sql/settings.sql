-- Which settings hold for this database, or for this user in it, beyond the server's own?
select r.rolname::text, split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
from pg_db_role_setting s
left join pg_roles r on r.oid = s.setrole
cross join lateral unnest(s.setconfig) as setting
where s.setdatabase = (select oid from pg_database where datname = %(database)s)
    or s.setdatabase = 0 and r.rolname = %(user)s and %(roles_too)s
order by 1 nulls first, 2;
