BEGIN;
SET work_mem = '64MB';
COMMIT;
