-- How far have the sequences counted?
select s.schemaname, s.sequencename, s.last_value, s.increment_by, s.start_value
  from pg_catalog.pg_sequences s
 where s.schemaname !~ '^pg_'
 order by 1, 2
