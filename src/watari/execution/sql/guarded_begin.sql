-- Writes down that another tool's command begins; nothing comes out where the id is taken.
insert into watari.guarded (id, command, started_by, host, version, git_commit, log_file)
values (%(id)s, %(command)s, %(by)s, %(host)s, %(version)s, %(git_commit)s, %(log_file)s)
on conflict do nothing
returning id;
