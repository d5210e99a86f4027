DROP INDEX small_pkey;
