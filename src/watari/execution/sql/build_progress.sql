-- How far is the index build of a session?
select phase, blocks_done, blocks_total, tuples_done, tuples_total, lockers_done, lockers_total
from pg_stat_progress_create_index
where pid = %s;
