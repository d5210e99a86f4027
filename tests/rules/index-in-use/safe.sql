DROP INDEX CONCURRENTLY orders_number_status;
