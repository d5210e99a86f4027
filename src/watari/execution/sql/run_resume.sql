-- Writes down that an unfinished run goes on, and with whom.
update watari.run
set state = 'running', ended_at = null, error = null, started_by = %(by)s, host = %(host)s, version = %(version)s,
    git_commit = coalesce(%(git_commit)s, git_commit), backup = coalesce(%(backup)s, backup),
    log_file = coalesce(%(log_file)s, log_file)
where id = %(id)s;
