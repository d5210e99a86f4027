-- Lets the planner choose again, for the transaction.
select pg_catalog.set_config('enable_seqscan', 'on', true)
