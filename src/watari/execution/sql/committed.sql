-- Under which name and file did these relations stand before the transaction of another session?
select c.oid, n.nspname, c.relname, pg_relation_filenode(c.oid), c.relkind in ('r', 'p', 'v', 'm', 'f')
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid = any(%s) and n.nspname not in ('watari', 'information_schema') and n.nspname !~ '^pg_';
