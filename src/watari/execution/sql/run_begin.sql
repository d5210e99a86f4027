-- Writes down that a run begins; answers nothing where its id is taken.
insert into watari.run
    (id, plan_sha256, plan, database, environment, framework, direction, of_run, migrations, state,
     started_by, host, version, git_commit, backup, log_file)
values
    (%(id)s, %(plan_sha256)s, %(plan)s, %(database)s, %(environment)s, %(framework)s, %(direction)s, %(of_run)s,
     %(migrations)s, 'running', %(by)s, %(host)s, %(version)s, %(git_commit)s, %(backup)s, %(log_file)s)
on conflict do nothing
returning id;
