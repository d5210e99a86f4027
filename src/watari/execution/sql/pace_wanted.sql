-- How fast does a person want the backfills of this run to go, and since when?
select paused, speed, changed_by, changed_at from watari.pace where run = %(run)s;
