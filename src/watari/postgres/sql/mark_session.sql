-- Which server process answers, now that the session is marked with a word?
select pg_catalog.pg_backend_pid(), pg_catalog.set_config('watari.session', %s, false)
