-- Is there a database of this name?
select exists (select from pg_catalog.pg_database where datname = %(database)s)
