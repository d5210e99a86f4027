-- Puts a sequence where another stands.
select pg_catalog.setval(%s::regclass, %s)
