CREATE INDEX CONCURRENTLY payments_order_paid ON payments (order_id, paid);
DROP INDEX CONCURRENTLY payments_order_id;
