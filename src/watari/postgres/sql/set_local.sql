-- Gives a setting a value for the transaction.
select pg_catalog.set_config(%s, %s, true)
