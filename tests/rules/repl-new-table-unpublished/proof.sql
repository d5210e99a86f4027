SELECT NOT EXISTS (SELECT FROM pg_publication_tables WHERE tablename = 'fresh');
