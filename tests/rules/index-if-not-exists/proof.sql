SELECT count(*) = 0 FROM pg_index i JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = indkey[0] WHERE indrelid = 'orders'::regclass AND attname = 'status';
