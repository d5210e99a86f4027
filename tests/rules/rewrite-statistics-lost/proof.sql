SELECT NOT EXISTS (SELECT FROM pg_stats WHERE tablename = 'customers' AND attname = 'email');
