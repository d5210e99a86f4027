UPDATE orders SET memo = 'x' WHERE id = 5;
UPDATE small SET name = 'x';
