-- How large is a database on disk?
select pg_catalog.pg_database_size(oid)
from pg_catalog.pg_database
where datname = %(database)s
