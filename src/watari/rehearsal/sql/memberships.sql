-- Which role is a member of which?
select g.rolname::text, m.rolname::text
from pg_auth_members a
join pg_roles g on g.oid = a.roleid
join pg_roles m on m.oid = a.member
where m.rolname !~ '^pg_'
order by 1, 2;
