-- Which server process answers, and whose word does it carry?
select pg_catalog.pg_backend_pid(), pg_catalog.current_setting('watari.session', true)
