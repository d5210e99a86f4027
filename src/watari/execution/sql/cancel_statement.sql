-- Cancels the statement of another session.
select pg_cancel_backend(%s);
