-- Which invalid copies did a concurrent REINDEX of this index or table (or of anything, where none is named) leave?
select n.nspname, c.relname
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid and c.relkind = 'i' and c.relname ~ '_cc(new|old)\d*$'
    and (%(relation)s::text is null or i.indrelid = to_regclass(%(relation)s)
         or i.indrelid = (select indrelid from pg_index where indexrelid = to_regclass(%(relation)s)))
order by 1, 2;
