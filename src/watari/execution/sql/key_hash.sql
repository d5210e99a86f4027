-- Which function hashes values of this column, where its type has one of its own?
select format('%%I.%%I', n.nspname, p.proname)
from pg_attribute a
join pg_opclass o on o.opcintype = a.atttypid and o.opcdefault
join pg_am m on m.oid = o.opcmethod and m.amname = 'hash'
join pg_amproc f on f.amprocfamily = o.opcfamily and f.amproclefttype = o.opcintype and f.amprocrighttype = o.opcintype
    and f.amprocnum = 1
join pg_proc p on p.oid = f.amproc and p.pronargs = 1
join pg_namespace n on n.oid = p.pronamespace
where a.attrelid = to_regclass(%(table)s) and a.attname = %(column)s;
