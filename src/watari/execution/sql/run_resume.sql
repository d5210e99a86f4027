-- Writes down that an unfinished run goes on, and with whom; a start before it that never said how it ended was broken off.
with begun as (
    update watari.run
    set state = 'running', ended_at = null, error = null, started_by = %(by)s, host = %(host)s, version = %(version)s,
        git_commit = coalesce(%(git_commit)s, git_commit), backup = coalesce(%(backup)s, backup),
        log_file = coalesce(%(log_file)s, log_file)
    where id = %(id)s
),
broken_off as (
    update watari.start set state = 'broken_off' where run = %(id)s and state = 'running'
)
insert into watari.start (run, number, state, started_by, host, version, git_commit, log_file)
select %(id)s, coalesce(max(number), 0) + 1, 'running', %(by)s, %(host)s, %(version)s, %(git_commit)s, %(log_file)s
from watari.start
where run = %(id)s;
