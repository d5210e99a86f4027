-- Takes the advisory lock of a framework's own runner if it is free; never waits.
select pg_try_advisory_lock(%s);
