-- Who replays what this server writes, which slots hold its WAL, and whose order has changed under the indexes?
select (select pg_catalog.json_agg(pg_catalog.json_build_array(
                 coalesce(nullif(r.application_name, ''), r.client_addr::text, r.pid::text),
                 r.sync_state in ('sync', 'quorum'), extract(epoch from r.replay_lag),
                 pg_catalog.age(coalesce(r.backend_xmin, s.xmin))) order by r.application_name, r.pid)
          from pg_catalog.pg_stat_replication r
          left join pg_catalog.pg_replication_slots s on s.active_pid = r.pid
         where r.state in ('streaming', 'catchup') and r.replay_lsn is not null -- who only receives has no readers
           and s.slot_type is distinct from 'logical'),
       (select pg_catalog.json_agg(pg_catalog.json_build_array(s.slot_name, s.slot_type, s.active,
                 pg_catalog.pg_wal_lsn_diff(
                   case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
                        else pg_catalog.pg_current_wal_lsn() end, s.restart_lsn)) order by s.slot_name)
          from pg_catalog.pg_replication_slots s
         where not s.temporary and s.restart_lsn is not null),
       (select pg_catalog.json_agg(pg_catalog.format('%I.%I', n.nspname, c.collname))
          from pg_catalog.pg_collation c join pg_catalog.pg_namespace n on n.oid = c.collnamespace
         where c.collversion <> pg_catalog.pg_collation_actual_version(c.oid)
           and c.oid in (select a.attcollation from pg_catalog.pg_attribute a
                          where a.attrelid >= 16384 and a.attcollation <> 0)),
       false -- the database has no version of its own before 15
