-- Writes down that a step is about to happen outside a transaction.
insert into watari.step (run, id, attempt, kind, migration, state, started_at, checkpoint)
values ({run}, {id}, {attempt}, {kind}, {migration}, 'intended', clock_timestamp(), {checkpoint});
