-- Gives what this session read and wrote to the server's statistics now, so that the next look does not take it for its own.
select pg_catalog.pg_stat_force_next_flush()
