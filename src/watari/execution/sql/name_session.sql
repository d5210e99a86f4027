-- Says in pg_stat_activity what this session is there for.
select set_config('application_name', %s, false);
