-- Which sequences are there, whose are they, and how far have they counted?
select n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.format_type(s.seqtypid, null),
       s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle, o.refobjid::int8, o.refobjsubid,
       c.relacl::text[], case when c.relacl is not null then pg_catalog.acldefault('s', c.relowner)::text[] end,
       d.description,
       case when pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE')
             and not (pg_catalog.pg_is_in_recovery() and c.relpersistence <> 'p')
            then pg_catalog.pg_sequence_last_value(c.oid) end
  from pg_catalog.pg_sequence s
  join pg_catalog.pg_class c on c.oid = s.seqrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_depend o
    on o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.objid = c.oid and o.objsubid = 0
   and o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.refobjsubid > 0 and o.deptype in ('a', 'i')
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = c.oid and d.objsubid = 0
 where n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
   and not exists (select from pg_catalog.pg_depend e
                    where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e')
 order by n.nspname, c.relname
