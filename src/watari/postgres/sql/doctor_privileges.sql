-- Which role is this, may it create a schema here, and how many tables does it not own (and the first of them)?
select current_user::text,
       has_database_privilege(current_database(), 'CREATE'),
       count(c.oid) filter (where not pg_has_role(c.relowner, 'USAGE')),
       min(c.oid::regclass::text) filter (where not pg_has_role(c.relowner, 'USAGE'))
  from (select 1) as one
  left join pg_class as c
    on c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|watari$)'
