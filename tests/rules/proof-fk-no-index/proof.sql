SELECT NOT EXISTS (SELECT FROM pg_index WHERE indrelid = 'orders'::regclass AND indkey[0] = 2);
