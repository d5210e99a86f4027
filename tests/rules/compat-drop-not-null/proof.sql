SELECT NOT attnotnull FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname = 'name';
