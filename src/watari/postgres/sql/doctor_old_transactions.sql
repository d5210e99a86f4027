-- Which other sessions of this database have a transaction open for longer than so many seconds?
select pid, usename::text, application_name, extract(epoch from now() - xact_start)::float8
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
   and now() - xact_start > make_interval(secs => %s)
 order by xact_start
