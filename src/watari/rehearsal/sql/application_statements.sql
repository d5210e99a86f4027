-- Which statements does the application send to this database, how often, and as whom?
select s.query, sum(s.calls)::bigint as calls, min(r.rolname) as role
  from {schema}.pg_stat_statements s
  left join pg_catalog.pg_roles r on r.oid = s.userid
 where s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   and s.toplevel
   and s.query ~* '^\s*(/\*.*?\*/\s*)*(select|insert|update|delete|with|merge|values|table|\()'
 group by s.query
 order by calls desc
 limit 5000
