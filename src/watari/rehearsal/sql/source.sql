-- What is this database like, as far as a copy of it must know?
select pg_database_size(d.oid), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
       (select array_agg(e.extname::text order by e.extname) from pg_extension e where e.extname <> 'plpgsql'),
       (select sum(pg_database_size(o.oid))::bigint from pg_database o where has_database_privilege(o.oid, 'connect'))
from pg_database d
where d.datname = current_database();
