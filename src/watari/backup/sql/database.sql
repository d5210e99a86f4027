-- What is a database made of besides its contents: owner, encoding, locale, limits, grants, comment?
select pg_catalog.pg_get_userbyid(d.datdba) as owner,
       pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
       d.datcollate as "collate",
       d.datctype as ctype,
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') as provider,
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') as locale,
       pg_catalog.to_jsonb(d) ->> 'daticurules' as rules,
       d.datconnlimit as connection_limit,
       d.datistemplate as template,
       d.datacl is not null as granted,
       pg_catalog.shobj_description(d.oid, 'pg_database') as comment
from pg_catalog.pg_database d
where d.datname = %(database)s
