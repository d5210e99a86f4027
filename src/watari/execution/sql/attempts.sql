-- Which tries does the journal know of the steps of a run, in order?
select run, id, attempt, kind, migration, state, started_at, ended_at, locked_seconds, waited_seconds, checkpoint,
       effects, error, blockers
from watari.step
where %(run)s::text is null or run = %(run)s
order by run, id, attempt;
