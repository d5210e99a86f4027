SELECT NOT EXISTS (SELECT FROM pg_stats WHERE tablename = 'orders_upper');
