-- How large does the planner take each table and index for, and how large is its file (in pages)? Does it hold statistics at all?
select n.nspname as schema, c.relname as name,
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int as file_pages,
       c.relpages as pages, c.reltuples::float8 as rows, c.relallvisible as visible,
       exists (select from pg_catalog.pg_statistic_ext e where e.stxrelid = c.oid) as extended,
       c.relkind in ('r', 'm') as holds_rows, c.relkind not in ('i', 'I') as of_columns,
       pg_catalog.current_setting('block_size')::int as page_bytes
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm', 'p', 'i', 'I')
   and c.relpersistence <> 't'
   and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
 order by n.nspname, c.relname
