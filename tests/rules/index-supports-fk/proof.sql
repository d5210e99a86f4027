SELECT NOT EXISTS (SELECT FROM pg_index WHERE indrelid = 'payments'::regclass AND indkey[0] = 2);
