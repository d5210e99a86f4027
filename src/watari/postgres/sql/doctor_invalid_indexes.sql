-- Which indexes are not valid?
select i.indexrelid::regclass::text
  from pg_index as i
  join pg_class as c on c.oid = i.indexrelid
 where not i.indisvalid and c.relkind = 'i' and c.relnamespace::regnamespace::text !~ '^pg_'
 order by 1
