-- How many sessions wait at this moment for a lock that the worker holds?
select count(*) from pg_stat_activity where wait_event_type = 'Lock' and %s = any(pg_blocking_pids(pid));
