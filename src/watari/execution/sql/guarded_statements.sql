-- What the last try of another tool's command sent, as the door wrote it down.
select started_at, statements from watari.guarded where id = %(id)s;
