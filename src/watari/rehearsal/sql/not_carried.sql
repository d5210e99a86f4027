-- Is there something that only pg_dump knows how to carry: large objects, or rows of an extension's own tables?
select exists (select from pg_catalog.pg_largeobject_metadata),
       exists (select from pg_catalog.pg_extension where extconfig is not null)
