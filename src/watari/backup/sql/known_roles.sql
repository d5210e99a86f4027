-- Which of these roles does this server know?
select rolname
from pg_catalog.pg_roles
where rolname = any (%(names)s)
