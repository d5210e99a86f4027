-- Under which name can other sessions see just what this one sees?
select pg_catalog.pg_export_snapshot()
