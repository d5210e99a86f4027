-- Gives a setting a value for the session.
select pg_catalog.set_config(%s, %s, false)
