-- Which enums, domains, composite types and ranges did people make?
select n.nspname, t.typname, t.typtype::text, pg_catalog.pg_get_userbyid(t.typowner),
       array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder),
       case t.typtype when 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod)
            when 'r' then (select pg_catalog.format_type(r.rngsubtype, null)
                             from pg_catalog.pg_range r where r.rngtypid = t.oid) end,
       t.typnotnull, t.typdefault,
       array(select pg_catalog.format('%I %s', o.conname, pg_catalog.pg_get_constraintdef(o.oid))
               from pg_catalog.pg_constraint o where o.contypid = t.oid and o.contype = 'c' order by o.conname),
       array(select pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
               from pg_catalog.pg_attribute a
              where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
              order by a.attnum),
       t.typacl::text[], case when t.typacl is not null then pg_catalog.acldefault('T', t.typowner)::text[] end,
       d.description
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  left join pg_catalog.pg_class c on c.oid = t.typrelid
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.objoid = t.oid
 where (t.typtype in ('e', 'd', 'r') or (t.typtype = 'c' and c.relkind = 'c'))
   and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
   and not exists (select from pg_catalog.pg_depend e
                    where e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass and e.objid = t.oid and e.deptype = 'e')
 order by n.nspname, t.typname
