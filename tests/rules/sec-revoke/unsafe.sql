REVOKE SELECT ON shelf FROM pg_monitor;
