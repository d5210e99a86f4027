-- Which databases did a rehearsal make? (one that was killed while the server copied has no mark yet)
select d.datname::text
from pg_database d
where d.datname ~ '^watari_clone_.*_[0-9]{20}$'
    and coalesce(shobj_description(d.oid, 'pg_database'), 'watari: clone of') like 'watari: clone of%';
