-- Which of these relations are tables that this user may lock?
select asked.place, n.nspname, c.relname
from unnest(%s::text[]) with ordinality as asked (name, place)
join pg_class c on c.oid = to_regclass(asked.name)
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')
    and has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
order by n.nspname, c.relname;
