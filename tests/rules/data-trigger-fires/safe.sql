UPDATE orders SET memo = 'x' WHERE id = 1;
