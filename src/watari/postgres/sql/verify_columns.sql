-- Which columns have the tables: type, nullability and default, in their order?
select table_schema, table_name, column_name, data_type, is_nullable, column_default
  from information_schema.columns
 where table_schema !~ '^pg_' and table_schema <> 'information_schema'
 order by table_schema, table_name, ordinal_position
