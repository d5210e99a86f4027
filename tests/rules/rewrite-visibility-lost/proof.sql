SELECT relallvisible = 0 FROM pg_class WHERE oid = 'visits'::regclass;
