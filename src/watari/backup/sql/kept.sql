-- Which databases stand here whose names begin like this, how large are they, and is anybody in them?
select d.datname,
       case when pg_catalog.has_database_privilege(d.oid, 'connect')
                 or pg_catalog.pg_has_role('pg_read_all_stats', 'usage')
            then pg_catalog.pg_database_size(d.oid) else 0 end,
       (select pg_catalog.count(*) from pg_catalog.pg_stat_activity a where a.datid = d.oid)
from pg_catalog.pg_database d
where pg_catalog.starts_with(d.datname, %(prefix)s)
order by 1
