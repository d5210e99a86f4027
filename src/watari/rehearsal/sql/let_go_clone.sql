-- Gives that lock back.
select pg_advisory_unlock(hashtextextended('watari clone ' || %s, 0));
