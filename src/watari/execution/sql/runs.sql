-- Which runs does the journal know, oldest first?
select id, plan_sha256, database, environment, direction, state, started_at, ended_at, started_by, host, version,
       git_commit, backup, log_file, migrations, error, of_run
from watari.run
where %(id)s::text is null or id = %(id)s
order by started_at, id;
