-- Writes down that a run begins, and its first start; answers nothing where its id is taken.
with begun as (
    insert into watari.run
        (id, plan_sha256, plan, database, environment, framework, direction, of_run, migrations, state,
         started_by, host, version, git_commit, backup, log_file)
    values
        (%(id)s, %(plan_sha256)s, %(plan)s, %(database)s, %(environment)s, %(framework)s, %(direction)s, %(of_run)s,
         %(migrations)s, 'running', %(by)s, %(host)s, %(version)s, %(git_commit)s, %(backup)s, %(log_file)s)
    on conflict do nothing
    returning id
)
insert into watari.start (run, number, state, started_by, host, version, git_commit, log_file)
select id, 1, 'running', %(by)s, %(host)s, %(version)s, %(git_commit)s, %(log_file)s from begun
returning run;
