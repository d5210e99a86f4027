-- Takes from the planner what it knows of the columns of these relations.
delete from pg_catalog.pg_statistic where starelid = any(%s::oid[])
