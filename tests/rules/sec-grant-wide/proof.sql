SELECT EXISTS (SELECT FROM pg_class, aclexplode(relacl) WHERE oid = 'orders'::regclass AND grantee = 0);
