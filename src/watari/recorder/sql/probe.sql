-- What does this session hold, under which files, and what has it read and written since it last was idle? Functions only: a
-- look locks nothing itself and its plan outlives the tool's changes. {known}: the highest oid known before the
-- transaction, {told}: the highest new one that was told already. {keep} gives the statistics to the server when the transaction
-- ends, so that the next one begins at zero.
select pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()),
 pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0'),
 (select pg_catalog.json_agg(pg_catalog.json_build_array(r::int8, m, pg_catalog.pg_relation_filenode(r)::int8,
   pg_catalog.pg_stat_get_xact_numscans(r), pg_catalog.pg_stat_get_xact_blocks_fetched(r),
   pg_catalog.pg_stat_get_xact_tuples_inserted(r) + pg_catalog.pg_stat_get_xact_tuples_updated(r)
    + pg_catalog.pg_stat_get_xact_tuples_deleted(r),
   pg_catalog.pg_table_is_visible(r) is not null,
   case when r > {known} then (select pg_catalog.json_build_array(i.type, i.schema, i.name, i.identity) from pg_catalog.pg_identify_object(1259, r, 0) i) end,
   case when r > {known} and pg_catalog.pg_current_xact_id_if_assigned() is not null then (
    select pg_catalog.pg_xact_status((pg_catalog.pg_current_xact_id_if_assigned()::text::int8
      - pg_catalog.age(a.xmin))::text::xid8) = 'in progress'
    from pg_catalog.pg_attribute a where a.attrelid = r order by a.attnum limit 1) end))
  from (select l.relation as r, pg_catalog.bit_or(1 << pg_catalog.array_position('{{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}}'::text[], l.mode)) as m
   from pg_catalog.pg_lock_status() l
   where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.granted and l.relation >= 16384
    and (l.relation <= {known} or l.relation > {told})
   group by l.relation order by l.relation) x),
 pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()){keep}
