-- How large are these tables (their partitions included) and indexes, what of their rows lives, and where are their files?
select named.name,
       coalesce(sum(case when c.relkind in ('i', 'I') then 0 else pg_table_size(c.oid) end), 0)::bigint,
       coalesce(sum(case when c.relkind in ('i', 'I') then pg_relation_size(c.oid) else pg_indexes_size(c.oid) end), 0)::bigint,
       coalesce(sum(greatest(c.reltuples, 0)), 0)::float8,
       coalesce(sum(s.n_live_tup)::float8 / nullif(sum(s.n_live_tup + s.n_dead_tup), 0), 1.0),
       max(counted.indexes),
       array_agg(distinct pg_tablespace_location(coalesce(nullif(c.reltablespace, 0), d.dattablespace)))
from unnest(%(names)s::text[]) as named (name)
join pg_class root on root.oid = to_regclass(named.name)
cross join lateral (select root.oid union select relid from pg_partition_tree(root.oid)) as tree (oid)
join pg_class c on c.oid = tree.oid
join pg_database d on d.datname = current_database()
left join pg_stat_all_tables s on s.relid = c.oid
cross join lateral (select count(*) as indexes from pg_index where indrelid = c.oid) as counted
group by named.name;
