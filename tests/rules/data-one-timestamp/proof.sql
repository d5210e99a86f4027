SELECT count(DISTINCT x.changed) = 1 FROM orders o, LATERAL jsonb_to_record(to_jsonb(o)) AS x (changed timestamptz);
