SELECT attnotnull AND NOT EXISTS (SELECT FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'channel';
