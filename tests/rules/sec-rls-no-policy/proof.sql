SELECT relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) FROM pg_class c WHERE oid = 'orders'::regclass;
