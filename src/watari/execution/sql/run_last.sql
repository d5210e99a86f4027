-- Which run was begun last here, and has it come to its end?
select id, direction, state, started_at, coalesce(started_by, ''), coalesce(host, '')
from watari.run
order by started_at desc, id desc
limit 1;
