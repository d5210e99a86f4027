-- Writes down how a run ended, for now or for good.
update watari.run set state = %(state)s, error = %(error)s, ended_at = clock_timestamp() where id = %(id)s;
