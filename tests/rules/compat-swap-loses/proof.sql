SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('shelf') AND NOT tgisinternal) AND to_regclass('shelf') IS NOT NULL;
