-- How long do these sessions run their statement, and do they wait for a lock?
select pid, wait_event_type = 'Lock', extract(epoch from clock_timestamp() - query_start)::float8
from pg_stat_activity
where pid = any(%s) and state = 'active';
