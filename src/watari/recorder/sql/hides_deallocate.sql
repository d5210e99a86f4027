-- May a function of this database throw prepared statements away?
select exists (
    select from pg_proc p where p.oid >= 16384 and p.prosrc ~* '\m(deallocate|discard)\M'
);
