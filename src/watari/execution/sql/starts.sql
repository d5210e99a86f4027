-- Which starts does the journal know of the runs, in order?
select run, number, state, started_at, ended_at, started_by, host, version, git_commit, log_file, error
from watari.start
where %(run)s::text is null or run = %(run)s
order by run, number;
