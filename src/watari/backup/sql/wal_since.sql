-- How many bytes of WAL were written since a position?
select pg_catalog.pg_wal_lsn_diff(
         case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
              else pg_catalog.pg_current_wal_lsn() end,
         %(lsn)s::pg_catalog.pg_lsn)::bigint
