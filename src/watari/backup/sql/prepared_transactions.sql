-- How many prepared transactions hold a database?
select pg_catalog.count(*)
from pg_catalog.pg_prepared_xacts
where database = %(database)s
