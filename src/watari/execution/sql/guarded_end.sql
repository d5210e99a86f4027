-- Writes down how another tool's command ended.
update watari.guarded
set ended_at = clock_timestamp(), attempts = %(attempts)s, exit_status = %(status)s, blockers = %(blockers)s,
    statements = %(statements)s, error = %(error)s
where id = %(id)s;
