-- How many large objects does the database hold?
select pg_catalog.count(*)
from pg_catalog.pg_largeobject_metadata
