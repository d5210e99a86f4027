-- Other tools' commands that ran behind the door, oldest first.
select id, command, started_at, ended_at, started_by, host, version, git_commit, log_file, attempts, exit_status, blockers, error
from watari.guarded
where %(id)s::text is null or id = %(id)s
order by started_at, id;
