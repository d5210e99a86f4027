-- How much did the sessions of this database write to temporary files so far?
select pg_stat_get_db_temp_bytes(oid) from pg_database where datname = current_database();
