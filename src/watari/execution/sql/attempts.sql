-- Which tries does the journal know of the steps of a run, in order?
-- (a journal of version 3 has no in_the_way)
-- Transactions that went to the server in one message share their timestamp: each began when the one before it ended.
select run, id, attempt, kind, migration, state,
       coalesce(lag(ended_at) over (partition by run, started_at order by ended_at), started_at) as started_at,
       ended_at, locked_seconds, waited_seconds, checkpoint, effects, error, blockers, to_jsonb(step) -> 'in_the_way' as in_the_way
from watari.step
where %(run)s::text is null or run = %(run)s
order by run, id, attempt;
