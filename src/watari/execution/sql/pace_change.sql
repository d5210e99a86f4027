-- A person pauses the backfills of a run, lets them go on, or changes their speed; what is not said stays as it is.
insert into watari.pace (run, paused, speed, changed_by)
values (%(run)s, coalesce(%(paused)s, false), coalesce(%(speed)s, %(usual)s), %(by)s)
on conflict (run) do update
set paused = coalesce(%(paused)s, pace.paused), speed = coalesce(%(speed)s, pace.speed),
    changed_by = excluded.changed_by, changed_at = clock_timestamp()
returning paused, speed;
