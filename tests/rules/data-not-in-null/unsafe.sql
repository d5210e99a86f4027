DELETE FROM payments WHERE order_id NOT IN (SELECT parent_id FROM customers);
