-- Cancels what a session runs now.
select pg_cancel_backend(%s);
