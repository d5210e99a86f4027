-- Makes the planner use an index where it can at all, for the transaction.
select pg_catalog.set_config('enable_seqscan', 'off', true)
