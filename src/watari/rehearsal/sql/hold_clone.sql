-- Takes the lock that says "somebody uses this clone", if it is free.
select pg_try_advisory_lock(hashtextextended('watari clone ' || %s, 0));
