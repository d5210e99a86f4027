SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND atttypid = 'json'::regtype);
