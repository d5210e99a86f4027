-- Writes down how a run ended, for now or for good, and with it its last start.
with ended as (
    update watari.start set state = %(state)s, error = %(error)s, ended_at = clock_timestamp()
    where run = %(id)s and state = 'running'
)
update watari.run set state = %(state)s, error = %(error)s, ended_at = clock_timestamp() where id = %(id)s;
