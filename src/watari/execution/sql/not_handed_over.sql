-- What has this session read and written that the server's statistics do not have yet? Before 15 nothing hands it over at once.
select c.oid, pg_stat_get_xact_numscans(c.oid), pg_stat_get_xact_tuples_returned(c.oid),
       pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
         + pg_stat_get_xact_tuples_deleted(c.oid)
from pg_class c
where c.relkind in ('r', 'm', 'p') and c.oid >= 16384
    and (pg_stat_get_xact_numscans(c.oid) > 0 or pg_stat_get_xact_tuples_inserted(c.oid) > 0
         or pg_stat_get_xact_tuples_updated(c.oid) > 0 or pg_stat_get_xact_tuples_deleted(c.oid) > 0);
