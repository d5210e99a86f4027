SELECT relreplident = 'f' FROM pg_class WHERE oid = 'feed'::regclass;
