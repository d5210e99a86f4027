-- How often were these relations read through so far, and how many of their blocks were fetched?
select o::int8, pg_stat_get_numscans(o), pg_stat_get_blocks_fetched(o)
from unnest(%s::int8[]::oid[]) o;
