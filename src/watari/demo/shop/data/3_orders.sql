-- Orders: as many as asked for, spread over the customers.
INSERT INTO orders (customer_id, status, total_yen, placed_at)
SELECT
    1 + (n::bigint * 7919) %% (%(orders)s / 10),
    (ARRAY['placed', 'paid', 'shipped', 'delivered'])[1 + n %% 4],
    500 + n %% 90000,
    timestamptz '2025-01-01' + n * interval '30 seconds'
FROM generate_series(1, %(orders)s) AS n;
