-- Who keeps the session waiting, what are they doing, and since when?
select distinct on (a.pid) a.pid, a.usename, coalesce(a.application_name, ''), a.backend_type, a.state,
       extract(epoch from clock_timestamp() - a.xact_start)::float8, left(a.query, 500)
from unnest(pg_blocking_pids(%s)) as blocking (pid)
join pg_stat_activity a on a.pid = blocking.pid;
