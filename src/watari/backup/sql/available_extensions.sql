-- Which versions of these extensions can this server install?
select name, version
from pg_catalog.pg_available_extension_versions
where name = any (%(names)s)
