-- One item for every order.
INSERT INTO order_items (order_id, line, product_id, quantity)
SELECT n, 1, 1 + n %% 1000, 1 + n %% 3
FROM generate_series(1, %(orders)s) AS n;
