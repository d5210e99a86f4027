-- Which run is the newest of all, if it is done and followed this plan?
select id from (select id, state, plan_sha256 from watari.run order by started_at desc, id desc limit 1) newest
where state = 'done' and plan_sha256 = %s;
