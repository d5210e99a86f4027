-- A look that must not be in anybody's way: it waits for nobody and gives up soon.
set local lock_timeout = '50ms';
set local statement_timeout = '500ms';
set local max_parallel_workers_per_gather = 0;
set local jit = off
