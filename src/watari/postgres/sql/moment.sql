-- Which transactions had ended at this moment, and since when does this server run?
select pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_postmaster_start_time()::text;
