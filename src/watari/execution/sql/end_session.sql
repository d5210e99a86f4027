-- Ends another session.
select pg_terminate_backend(%s);
