-- Which server process answers this session?
select pg_catalog.pg_backend_pid()
