-- Which roles are there, and what may they do?
select rolname::text, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls
from pg_roles
where rolname !~ '^pg_'
order by rolname;
