-- Where does each table and index keep its pages, how many are there, and how many fill one file?
select n.nspname, c.relname, pg_catalog.pg_relation_filepath(c.oid),
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int,
       pg_catalog.current_setting('block_size')::int,
       (select setting::int from pg_catalog.pg_settings where name = 'segment_size')
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm', 'i')
   and c.relpersistence <> 't'
   and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
