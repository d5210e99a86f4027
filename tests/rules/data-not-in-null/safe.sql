DELETE FROM payments WHERE order_id NOT IN (SELECT id FROM orders);
DELETE FROM payments WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = payments.order_id);
