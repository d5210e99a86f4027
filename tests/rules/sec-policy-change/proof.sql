SELECT count(*) > 1 FROM pg_policy WHERE polrelid = 'secrets'::regclass;
