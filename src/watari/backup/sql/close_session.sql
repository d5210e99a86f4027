-- Ends one session; true where the signal could be sent.
select pg_catalog.pg_terminate_backend(%(pid)s)
