SELECT attcollation = 950 FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname = 'note';
