SELECT count(*) > 2 FROM pg_attribute WHERE attrelid = 'feed'::regclass AND attnum > 0;
