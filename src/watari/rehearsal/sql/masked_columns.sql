-- Does this table have this column, of what type, and is it part of a key that rows are found by?
select coalesce(
         (select array_agg(array[ln.nspname::text, l.relname::text])
            from pg_catalog.pg_partition_tree(c.oid) t
            join pg_catalog.pg_class l on l.oid = t.relid
            join pg_catalog.pg_namespace ln on ln.oid = l.relnamespace
           where t.isleaf),
         array[array[n.nspname::text, c.relname::text]]) as leaves,
       pg_catalog.format_type(a.atttypid, null) as type,
       a.attnotnull,
       exists (select from pg_catalog.pg_constraint k
                where (k.contype = 'f' and k.conrelid = c.oid and a.attnum = any (k.conkey))
                   or (k.contype = 'f' and k.confrelid = c.oid and a.attnum = any (k.confkey))) as refers,
       exists (select from pg_catalog.pg_index i
                where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey::smallint[])) as is_unique
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = %(column)s and not a.attisdropped
 where c.relname = %(table)s
   and case when %(schema)s::text is null then pg_catalog.pg_table_is_visible(c.oid) else n.nspname = %(schema)s end
   and c.relkind in ('r', 'p')
