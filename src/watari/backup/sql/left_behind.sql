-- What belongs to a database and does not move along when its name does: logical slots and subscriptions?
select 'slot', slot_name::text
from pg_catalog.pg_replication_slots
where database = %(database)s
union all
select 'subscription', s.subname::text
from pg_catalog.pg_subscription s
join pg_catalog.pg_database d on d.oid = s.subdbid
where d.datname = %(database)s
order by 1, 2
