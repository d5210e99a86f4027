-- Tells the planner how large it is to take a table or index for.
update pg_catalog.pg_class
   set relpages = %(pages)s, reltuples = %(rows)s, relallvisible = %(visible)s
 where oid = pg_catalog.to_regclass(pg_catalog.format('%%I.%%I', %(schema)s::text, %(relation)s::text))
   and (relpages, reltuples, relallvisible) is distinct from (%(pages)s, %(rows)s::real, %(visible)s)
