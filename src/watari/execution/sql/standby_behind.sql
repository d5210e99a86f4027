-- Which streaming standby is furthest behind, by more than so many seconds? (replay_lag is empty where nothing is to be replayed)
select coalesce(nullif(application_name, ''), client_addr::text, pid::text), extract(epoch from replay_lag)::float8
from pg_stat_replication
where state in ('streaming', 'catchup') and replay_lag > make_interval(secs => %s)
order by replay_lag desc limit 1;
