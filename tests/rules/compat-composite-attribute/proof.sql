SELECT NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'place'::regclass AND attname = 'zip' AND NOT attisdropped);
