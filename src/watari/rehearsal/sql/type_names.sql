-- What are these types called?
select pg_catalog.format_type(t.type, t.modifier)
  from unnest(%s::oid[], %s::integer[]) with ordinality as t (type, modifier, place)
 order by t.place
