-- What are these server processes doing, and since when?
select pid, state, state_change from pg_stat_activity where pid = any(%s) and datname = current_database();
