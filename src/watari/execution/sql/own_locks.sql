-- Which relations does this session hold locks on now, how strongly, under which file, and what has it read and written?
select l.relation, l.modes, n.nspname, c.relname, pg_relation_filenode(c.oid),
       coalesce(pg_stat_get_xact_numscans(c.oid), 0), coalesce(pg_stat_get_xact_tuples_returned(c.oid), 0),
       coalesce(pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
                + pg_stat_get_xact_tuples_deleted(c.oid), 0)
from (
    select relation, array_agg(mode) as modes
    from pg_locks
    where pid = pg_backend_pid() and locktype = 'relation' and granted
        and database = (select oid from pg_database where datname = current_database())
    group by relation
) l
left join pg_class c on c.oid = l.relation
left join pg_namespace n on n.oid = c.relnamespace
where c.oid is null
    or c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('watari', 'information_schema') and n.nspname !~ '^pg_';
