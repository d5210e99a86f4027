-- Ends the dumps that an earlier command left running when it was killed: how many were there?
select pg_catalog.count(pg_catalog.pg_terminate_backend(pid))
from pg_catalog.pg_stat_activity
where application_name = any (%(names)s)
  and usename = current_user
