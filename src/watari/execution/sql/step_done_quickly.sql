-- Writes down, in the step's own transaction, that it is done; nobody could be in its way.
insert into watari.step (run, id, attempt, kind, migration, state, started_at, ended_at)
values ({run}, {id}, {attempt}, {kind}, {migration}, 'done', transaction_timestamp(), clock_timestamp());
