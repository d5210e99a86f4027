-- Customers: one for every ten orders.
INSERT INTO customers (email, name, created_at)
SELECT 'customer' || n || '@shop.example', 'Customer ' || n, timestamptz '2024-01-01' + n * interval '5 minutes'
FROM generate_series(1, %(orders)s / 10) AS n;
