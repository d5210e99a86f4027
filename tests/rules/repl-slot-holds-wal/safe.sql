UPDATE small SET name = 'x';
ALTER TABLE orders ADD COLUMN later text;
