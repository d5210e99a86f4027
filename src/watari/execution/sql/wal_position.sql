-- How far has the server's log been written, and is nobody else there who could write into it?
select pg_current_wal_insert_lsn()::text,
       not exists (select from pg_stat_activity where backend_type = 'client backend' and pid <> all (%s));
