-- Which database is this, how does it look names up, and which settings hold for this session?
select pg_catalog.current_database(),
       pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.current_schemas(false)::text[],
       pg_catalog.pg_is_in_recovery(),
       (select pg_catalog.json_object_agg(s.name, case s.name when 'role' then current_user
                                                  else pg_catalog.current_setting(s.name) end)
          from (select name from pg_catalog.pg_settings -- without those that this user may not read
                union all select 'role') s -- which the server does not list: who CURRENT_USER is
         where s.name in (
               'server_encoding', 'TimeZone', 'block_size', 'lock_timeout', 'statement_timeout', 'deadlock_timeout',
               'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout', 'max_connections',
               'superuser_reserved_connections', 'max_locks_per_transaction', 'max_prepared_transactions',
               'max_wal_senders', 'max_wal_size', 'wal_level', 'archive_mode', 'synchronous_commit',
               'synchronous_standby_names', 'maintenance_work_mem', 'max_parallel_maintenance_workers', 'work_mem',
               'autovacuum', 'autovacuum_freeze_max_age', 'vacuum_cost_delay', 'default_transaction_isolation',
               'default_transaction_read_only', 'row_security', 'session_replication_role', 'check_function_bodies',
               'track_activities', 'track_counts', 'shared_preload_libraries', 'default_toast_compression',
               'default_table_access_method', 'default_tablespace', 'data_checksums',
               'max_slot_wal_keep_size', 'event_triggers', 'role', 'search_path'))
