SELECT NOT relrowsecurity FROM pg_class WHERE oid = 'side.words'::regclass;
