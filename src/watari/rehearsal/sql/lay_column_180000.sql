-- Tells the planner what it is to know of one column.
select pg_catalog.pg_restore_attribute_stats(
       'schemaname', %(schema)s::text, 'relname', %(relation)s::text, 'attname', %(column)s::text,
       'inherited', %(inherited)s::boolean, 'null_frac', %(null_frac)s::real, 'avg_width', %(avg_width)s::int,
       'n_distinct', %(n_distinct)s::real, 'most_common_vals', %(common)s::text, 'most_common_freqs', %(common_shares)s::real[],
       'histogram_bounds', %(bounds)s::text, 'correlation', %(correlation)s::real,
       'most_common_elems', %(elements)s::text, 'most_common_elem_freqs', %(element_shares)s::real[],
       'elem_count_histogram', %(element_counts)s::real[],
       'range_length_histogram', %(range_lengths)s::text, 'range_empty_frac', %(range_empty)s::real,
       'range_bounds_histogram', %(range_bounds)s::text)
