-- How long does it take to read the first pages of a table, rows and all?
explain (analyze, timing off, format json) select pg_catalog.count(*) from only {table} where ctid < {end}::pg_catalog.tid
