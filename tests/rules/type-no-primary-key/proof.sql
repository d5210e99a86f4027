SELECT EXISTS (SELECT FROM pg_publication_tables p WHERE pubname = 'everything' AND tablename LIKE 'key%' AND schemaname = 'public'
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass(format('%I.%I', schemaname, tablename)) AND indisprimary));
