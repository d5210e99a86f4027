-- Which of these server processes wait for an advisory lock that the asking session holds?
select w.pid
from pg_locks w
join pg_locks h on h.locktype = 'advisory' and h.granted and h.pid = pg_backend_pid()
    and (h.database, h.classid, h.objid, h.objsubid) = (w.database, w.classid, w.objid, w.objsubid)
where w.locktype = 'advisory' and not w.granted and w.pid = any(%s);
