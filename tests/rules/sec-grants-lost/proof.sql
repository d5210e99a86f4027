SELECT NOT EXISTS (SELECT FROM pg_class, aclexplode(relacl) WHERE oid = 'shelf_labels'::regclass AND grantee = 'pg_monitor'::regrole);
