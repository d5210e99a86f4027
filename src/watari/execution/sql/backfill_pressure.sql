-- What does a backfill have to spare: the standby that is furthest behind, WAL that waits to be archived, dead rows?
with standby as (
    select coalesce(nullif(application_name, ''), client_addr::text, pid::text) as name,
           extract(epoch from replay_lag)::float8 as lag
    from pg_stat_replication
    where state in ('streaming', 'catchup') and replay_lag is not null
    order by replay_lag desc limit 1
), archiver as (
    -- the next file to be archived: the one behind the last, or the one that fails where none ever went
    select case when last_archived_wal ~ '^[0-9A-F]{24}' then last_archived_wal else last_failed_wal end as file,
           last_archived_wal ~ '^[0-9A-F]{24}' as went
    from pg_stat_archiver
    where current_setting('archive_mode') <> 'off'
), rows as (
    select coalesce(sum(n_dead_tup), 0) as dead, coalesce(sum(n_live_tup), 0) as live
    from pg_stat_all_tables where relid = any(%(relations)s::bigint[]::oid[])
)
select (select name from standby), (select lag from standby),
       (select pg_current_wal_lsn() - '0/0'::pg_lsn
            - ('x' || substr(file, 9, 8))::bit(32)::bigint::numeric * 4294967296
            - (('x' || substr(file, 17, 8))::bit(32)::bigint + (case when went then 1 else 0 end))
                * pg_size_bytes(current_setting('wal_segment_size'))
        from archiver where file ~ '^[0-9A-F]{24}')::float8,
       (select dead / greatest(dead + live, 1) from rows)::float8;
