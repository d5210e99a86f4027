SELECT relpersistence = 'u' FROM pg_class WHERE relname = 'scratch';
