-- To which roles does something in this database belong, or is it granted?
select r.rolname
from pg_catalog.pg_roles r
where r.rolname !~ '^pg_'
  and (r.oid = 10 -- the first superuser's objects are pinned and stand in no dependency
       or r.oid = (select datdba from pg_catalog.pg_database where datname = pg_catalog.current_database())
       or r.oid in (select s.refobjid from pg_catalog.pg_shdepend s
                    where s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
                      and s.dbid = (select oid from pg_catalog.pg_database
                                    where datname = pg_catalog.current_database())))
order by 1
