-- Who holds an advisory lock of this database? (an eight-byte key stands in the two halves with objsubid 1)
select a.pid, a.usename, a.application_name, a.client_addr::text, a.backend_start, a.state
from pg_locks l
join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.classid = %s::bigint::oid and l.objid = %s::bigint::oid
    and l.objsubid = %s and l.database = (select oid from pg_database where datname = current_database());
