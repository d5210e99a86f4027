REVOKE SELECT ON orders FROM pg_monitor;
