-- How large is the database, how many connections are in use of how many, and is pg_stat_statements there?
select pg_database_size(current_database()),
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
       exists (select from pg_extension where extname = 'pg_stat_statements')
