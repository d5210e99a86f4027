-- Which constraints have the tables, what do they say, and were all rows checked?
select n.nspname as schema, t.relname as table, o.conname as constraint,
       case o.contype when 'p' then 'PRIMARY KEY' when 'u' then 'UNIQUE' when 'f' then 'FOREIGN KEY' when 'c' then 'CHECK'
                      when 'x' then 'EXCLUDE' when 'n' then 'NOT NULL' end as type,
       o.convalidated as validated, pg_catalog.pg_get_constraintdef(o.oid) as definition
  from pg_catalog.pg_constraint o
  join pg_catalog.pg_class t on t.oid = o.conrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
 where o.contype in ('p', 'u', 'f', 'c', 'x', 'n') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
 order by o.convalidated, 1, 2, 3
