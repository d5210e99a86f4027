-- How many bytes has a table (with its partitions) that somebody is to read?
select sum(pg_relation_size(relid)) from pg_partition_tree(to_regclass(%s))
union all
select pg_relation_size(to_regclass(%s));
