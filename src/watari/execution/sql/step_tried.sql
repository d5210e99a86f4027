-- Writes down a try that was rolled back: it gave way, or it failed.
insert into watari.step
    (run, id, attempt, kind, migration, state, started_at, ended_at, waited_seconds, error, in_the_way)
values ({run}, {id}, {attempt}, {kind}, {migration}, {state},
    clock_timestamp() - make_interval(secs => {seconds}), clock_timestamp(), {waited}, {error}, {in_the_way});
