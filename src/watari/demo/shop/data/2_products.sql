-- Products: a thousand.
INSERT INTO products (sku, name, price_yen)
SELECT 'SKU-' || n, 'Product ' || n, 100 + n * 10
FROM generate_series(1, 1000) AS n;
