DELETE FROM payments WHERE id < 0;
