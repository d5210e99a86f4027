-- Writes down, in the step's own transaction, that it is done; the lock clock was set by the step itself.
insert into watari.step
    (run, id, attempt, kind, migration, state, started_at, ended_at, locked_seconds, effects)
values ({run}, {id}, {attempt}, {kind}, {migration}, 'done', transaction_timestamp(), clock_timestamp(),
    extract(epoch from clock_timestamp()) - nullif(current_setting('watari.locked_at', true), '')::float8, {effects})
returning locked_seconds;
