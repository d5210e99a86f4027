-- Is there an index of this name, and is it usable?
select i.indisvalid and i.indisready, n.nspname, c.relname
from pg_class c
join pg_index i on i.indexrelid = c.oid
join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass(%s);
