-- What does the planner know of each column and each expression of an index? (From 17 on with ranges.)
select schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct,
       most_common_vals::text, most_common_freqs, histogram_bounds::text, correlation,
       most_common_elems::text, most_common_elem_freqs, elem_count_histogram,
       range_length_histogram::text, range_empty_frac, range_bounds_histogram::text
  from pg_catalog.pg_stats
 where schemaname !~ '^pg_' and schemaname <> 'information_schema'
 order by schemaname, tablename, attname, inherited
