DROP INDEX CONCURRENTLY payments_order_id;
