-- Which timeouts does the role or the database set for its sessions?
select name::text, setting || coalesce(unit, '')
  from pg_settings
 where name in ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
   and setting <> '0' and source in ('user', 'database', 'database user')
 order by name
