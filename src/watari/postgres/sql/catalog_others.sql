-- Which objects of the rarer kinds are there, and how are they defined?
with found as (
  select 'statistics' as kind, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass as class, s.oid,
         pg_catalog.pg_get_statisticsobjdef(s.oid) || pg_catalog.format(' owner %I', pg_catalog.pg_get_userbyid(s.stxowner))
           as definition
    from pg_catalog.pg_statistic_ext s
  union all
  select 'rule', 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid,
         pg_catalog.pg_get_ruledef(r.oid) || ' enabled ' || r.ev_enabled::text
    from pg_catalog.pg_rewrite r where r.rulename <> '_RETURN' and r.ev_class >= 16384
  union all
  select 'event trigger', 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, e.oid,
         pg_catalog.format('on %s tags %s execute %s enabled %s', e.evtevent, e.evttags,
                           e.evtfoid::pg_catalog.regprocedure, e.evtenabled)
    from pg_catalog.pg_event_trigger e
  union all
  select 'publication', 'pg_catalog.pg_publication'::pg_catalog.regclass, p.oid,
         pg_catalog.format('all tables %s insert %s update %s delete %s truncate %s via root %s tables %s',
                           p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
                           array(select r.prrelid::pg_catalog.regclass::text from pg_catalog.pg_publication_rel r
                                  where r.prpubid = p.oid order by 1))
    from pg_catalog.pg_publication p
  union all
  select 'collation', 'pg_catalog.pg_collation'::pg_catalog.regclass, c.oid,
         (pg_catalog.to_jsonb(c) - array['oid', 'collname', 'collnamespace', 'collowner', 'collversion', 'collencoding'])::text
    from pg_catalog.pg_collation c
  union all
  select 'foreign data wrapper', 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, f.oid, ''
    from pg_catalog.pg_foreign_data_wrapper f
  union all
  select 'foreign server', 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid,
         pg_catalog.format('type %s version %s wrapper %s', s.srvtype, s.srvversion,
                           (select w.fdwname from pg_catalog.pg_foreign_data_wrapper w where w.oid = s.srvfdw))
    from pg_catalog.pg_foreign_server s
  union all
  select 'default privileges', 'pg_catalog.pg_default_acl'::pg_catalog.regclass, d.oid,
         array(select x::text from pg_catalog.unnest(d.defaclacl) as x order by 1)::text
    from pg_catalog.pg_default_acl d
  union all
  select 'operator', 'pg_catalog.pg_operator'::pg_catalog.regclass, o.oid,
         pg_catalog.format('%s commutator %s negator %s', o.oprcode, o.oprcom::pg_catalog.regoperator,
                           o.oprnegate::pg_catalog.regoperator)
    from pg_catalog.pg_operator o
  union all
  select 'cast', 'pg_catalog.pg_cast'::pg_catalog.regclass, c.oid,
         pg_catalog.format('%s context %s method %s', c.castfunc::pg_catalog.regprocedure, c.castcontext, c.castmethod)
    from pg_catalog.pg_cast c
  union all
  select 'operator class', 'pg_catalog.pg_opclass'::pg_catalog.regclass, o.oid, o.opcdefault::text
    from pg_catalog.pg_opclass o
  union all
  select 'operator family', 'pg_catalog.pg_opfamily'::pg_catalog.regclass, f.oid, '' from pg_catalog.pg_opfamily f
  union all
  select 'language', 'pg_catalog.pg_language'::pg_catalog.regclass, l.oid, l.lanpltrusted::text
    from pg_catalog.pg_language l
  union all
  select 'text search configuration', 'pg_catalog.pg_ts_config'::pg_catalog.regclass, c.oid,
         array(select m.maptokentype::text || ' ' || m.mapseqno::text || ' ' || m.mapdict::pg_catalog.regdictionary::text
                 from pg_catalog.pg_ts_config_map m where m.mapcfg = c.oid order by m.maptokentype, m.mapseqno)::text
    from pg_catalog.pg_ts_config c
  union all
  select 'text search dictionary', 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, d.oid, d.dictinitoption
    from pg_catalog.pg_ts_dict d
  union all
  select 'conversion', 'pg_catalog.pg_conversion'::pg_catalog.regclass, c.oid, c.conproc::text
    from pg_catalog.pg_conversion c
  union all
  select 'access method', 'pg_catalog.pg_am'::pg_catalog.regclass, a.oid, a.amhandler::text from pg_catalog.pg_am a
)
select f.kind, i.identity, coalesce(f.definition, ''), d.description
  from found f
 cross join lateral pg_catalog.pg_identify_object(f.class, f.oid, 0) i
  left join pg_catalog.pg_description d on d.classoid = f.class and d.objoid = f.oid and d.objsubid = 0
 where f.oid >= 16384 and (i.schema is null or i.schema !~ '^watari($|_dropped_)')
   and not exists (select from pg_catalog.pg_depend e
                    where e.classid = f.class and e.objid = f.oid and e.deptype in ('e', 'i') and e.objsubid = 0)
 order by f.kind, i.identity
