SELECT attidentity = 'a' FROM pg_attribute WHERE attrelid = 'shelf'::regclass AND attname = 'id';
