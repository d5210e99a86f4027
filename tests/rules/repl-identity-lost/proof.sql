SELECT NOT EXISTS (SELECT FROM pg_index WHERE indrelid = 'feed'::regclass);
