-- Marks a run as rolled back: one that never came to its end, or one whose migrations were all taken back.
update watari.run set state = 'rolled_back', ended_at = coalesce(ended_at, clock_timestamp())
where id = %(id)s and (state in ('running', 'stopped') or migrations <@ %(migrations)s);
