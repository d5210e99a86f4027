-- Ends the sessions that a run left behind when the network was lost.
select pg_terminate_backend(pid) from pg_stat_activity
where pid = any(%s) and datname = current_database() and usename = current_user and application_name like 'watari %%';
