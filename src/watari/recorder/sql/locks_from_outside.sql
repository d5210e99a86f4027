-- What does another session hold and wait for at this moment, and behind whom?
select l.relation::int8, l.mode, l.locktype, l.granted,
    case when l.granted then null else array_to_string(pg_blocking_pids(l.pid), ', ') end
from pg_lock_status() l
where l.pid = %s;
