-- Gives the advisory lock of a framework's own runner back.
select pg_advisory_unlock(%s);
