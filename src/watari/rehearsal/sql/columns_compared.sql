-- By which operators and collations does the server compare each column, and its elements where it has some? As ANALYZE chooses
-- them: those of the default classes of its type, of the kind of its type, or of what its type is read as.
with compared as (
  select t.oid as type,
         case when b.typtype = 'e' then 'pg_catalog.anyenum'::regtype
              when b.typtype = 'r' then 'pg_catalog.anyrange'::regtype
              when b.typtype = 'm' then 'pg_catalog.anymultirange'::regtype
              when b.typtype = 'c' then 'pg_catalog.record'::regtype
              when b.typcategory = 'A' and b.typlen = -1 and b.typelem <> 0 then 'pg_catalog.anyarray'::regtype
              else b.oid end as class,
         case when b.oid = 'pg_catalog.tsvector'::regtype then 'pg_catalog.text'::regtype
              when b.typcategory = 'A' and b.typlen = -1 then b.typelem end as element
    from pg_catalog.pg_type t
    join pg_catalog.pg_type b on b.oid = case t.typtype when 'd' then t.typbasetype else t.oid end),
operators as (
  select distinct on (x.type) x.type, x.element,
         (select o.amopopr from pg_catalog.pg_amop o
           where o.amopfamily = c.opcfamily and o.amoplefttype = c.opcintype and o.amoprighttype = c.opcintype
             and o.amopstrategy = case m.amname when 'btree' then 3 else 1 end) as equal,
         case m.amname when 'btree' then
         (select o.amopopr from pg_catalog.pg_amop o
           where o.amopfamily = c.opcfamily and o.amoplefttype = c.opcintype and o.amoprighttype = c.opcintype
             and o.amopstrategy = 1) end as less
    from compared x
    join pg_catalog.pg_opclass c
      on c.opcdefault
     and (c.opcintype = x.class
          or exists (select from pg_catalog.pg_cast p
                      where p.castsource = x.class and p.casttarget = c.opcintype and p.castmethod = 'b' and p.castcontext = 'i'))
    join pg_catalog.pg_am m on m.oid = c.opcmethod and m.amname in ('btree', 'hash')
   order by x.type, c.opcintype = x.class desc, m.amname)
select n.nspname, r.relname, a.attname, r.oid, a.attnum, a.atttypid, a.attcollation,
       coalesce(own.equal, 0), coalesce(own.less, 0), coalesce(x.element::oid, 0), coalesce(each.equal, 0)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class r on r.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = r.relnamespace
  join compared x on x.type = a.atttypid
  left join operators own on own.type = a.atttypid
  left join operators each on each.type = x.element
 where a.attnum > 0 and not a.attisdropped and r.relkind in ('r', 'm', 'p', 'i', 'I')
   and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
