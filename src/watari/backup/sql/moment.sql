-- At which moment of which server does this transaction stand, and who looks?
select pg_catalog.pg_export_snapshot() as snapshot,
       case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
            else pg_catalog.pg_current_wal_lsn() end::text as lsn,
       current_user::text as role,
       (select pg_catalog.count(*) from pg_catalog.pg_largeobject_metadata) as large_objects
