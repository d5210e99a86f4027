-- What do the counters of these files say of live, dead and updated rows, how full are its pages made, and does autovacuum look after it?
select relid::regclass::text, n_live_tup, n_dead_tup, n_tup_upd, n_tup_hot_upd,
       coalesce((select option_value::int from pg_options_to_table(c.reloptions) where option_name = 'fillfactor'), 100),
       current_setting('autovacuum')::bool and coalesce(
           (select option_value::bool from pg_options_to_table(c.reloptions) where option_name = 'autovacuum_enabled'), true)
from pg_stat_all_tables join pg_class c on c.oid = relid
where relid = any(%s::bigint[]::oid[])
order by relid;
