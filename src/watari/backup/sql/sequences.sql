-- How far has each sequence been used? Null: never.
select schemaname, sequencename, last_value
from pg_catalog.pg_sequences
order by 1, 2
