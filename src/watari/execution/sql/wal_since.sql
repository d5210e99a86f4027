-- How many bytes of log were written since?
select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)::bigint;
