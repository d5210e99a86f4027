UPDATE orders SET memo = 'x';
