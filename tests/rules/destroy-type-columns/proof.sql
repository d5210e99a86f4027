SELECT NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'shelf'::regclass AND attname = 'feeling' AND NOT attisdropped);
