-- How far is what a session does: an index build, a vacuum, an analyze, a rewrite, a copy?
select phase, blocks_done, blocks_total, 'blocks', lockers_done, lockers_total
from pg_stat_progress_create_index where pid = %(pid)s and blocks_total > 0
union all
select phase, tuples_done, tuples_total, 'rows', lockers_done, lockers_total
from pg_stat_progress_create_index where pid = %(pid)s and blocks_total = 0
union all
select phase, heap_blks_scanned, heap_blks_total, 'blocks', 0, 0 from pg_stat_progress_vacuum where pid = %(pid)s
union all
select phase, sample_blks_scanned, sample_blks_total, 'blocks', 0, 0 from pg_stat_progress_analyze where pid = %(pid)s
union all
select phase, heap_blks_scanned, heap_blks_total, 'blocks', 0, 0 from pg_stat_progress_cluster where pid = %(pid)s
union all
select 'copying', bytes_processed, bytes_total, 'bytes', 0, 0 from pg_stat_progress_copy where pid = %(pid)s;
