-- Takes one of watari's advisory locks if it is free; never waits.
select pg_try_advisory_lock(%s, %s);
