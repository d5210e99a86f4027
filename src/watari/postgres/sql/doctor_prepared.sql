-- Which prepared transactions of this database are open, and for how many seconds?
select gid, owner::text, extract(epoch from now() - prepared)::float8
  from pg_prepared_xacts
 where database = current_database()
 order by prepared
