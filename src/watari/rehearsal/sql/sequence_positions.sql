-- Where does each sequence stand?
select s.schemaname, s.sequencename, s.last_value
  from pg_catalog.pg_sequences s
 where s.last_value is not null
 order by 1, 2
