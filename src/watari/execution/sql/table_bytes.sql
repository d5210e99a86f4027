-- About how many bytes has a table (with its partitions) that somebody is to read? By the catalog where it knows: files may be locked.
with recursive part (relid) as (
  select pg_catalog.to_regclass(%s)::oid
  union all
  select i.inhrelid from pg_catalog.pg_inherits i join part p on i.inhparent = p.relid
)
select sum(case when c.relpages > 0 then c.relpages::bigint * pg_catalog.current_setting('block_size')::bigint
           else pg_catalog.pg_relation_size(c.oid) end)
  from part p
  join pg_catalog.pg_class c on c.oid = p.relid;
