-- Which tables, views and foreign tables are there, how large are they, and how are they used?
select c.oid::int8, n.nspname, c.relname, c.relkind::text, pg_catalog.pg_get_userbyid(c.relowner), c.relpersistence::text,
       (select pg_catalog.array_agg(array[pn.nspname::text, p.relname::text] order by i.inhseqno)
          from pg_catalog.pg_inherits i
          join pg_catalog.pg_class p on p.oid = i.inhparent
          join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
         where i.inhrelid = c.oid),
       case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end,
       case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
       case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid)
            when c.relkind = 'f' then (
              select pg_catalog.format('SERVER %I OPTIONS %s', s.srvname, f.ftoptions)
                from pg_catalog.pg_foreign_table f join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
               where f.ftrelid = c.oid) end,
       c.reloptions, a.amname, t.spcname, c.relreplident::text, c.relrowsecurity, c.relforcerowsecurity, d.description,
       c.relacl::text[], case when c.relacl is not null then pg_catalog.acldefault('r', c.relowner)::text[] end,
       c.reltuples, c.relpages,
       case when c.relkind in ('r', 'm') then pg_catalog.pg_relation_size(c.oid) else 0 end
         / pg_catalog.current_setting('block_size')::int8,
       case when c.relkind in ('r', 'm') then pg_catalog.pg_table_size(c.oid) else 0 end,
       pg_catalog.pg_stat_get_live_tuples(c.oid),
       pg_catalog.pg_stat_get_numscans(c.oid),
       pg_catalog.pg_stat_get_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_tuples_updated(c.oid)
         + pg_catalog.pg_stat_get_tuples_deleted(c.oid),
       pg_catalog.pg_stat_get_dead_tuples(c.oid), c.relnatts,
       (select array[tn.nspname::text, y.typname::text]
          from pg_catalog.pg_type y join pg_catalog.pg_namespace tn on tn.oid = y.typnamespace
         where y.oid = c.reloftype)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_am a on a.oid = c.relam
  left join pg_catalog.pg_tablespace t on t.oid = c.reltablespace
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = c.oid and d.objsubid = 0
 where c.relkind in ('r', 'p', 'v', 'm', 'f')
   and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
   and not exists (select from pg_catalog.pg_depend e
                    where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e')
 order by n.nspname, c.relname
