SELECT NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_number_filled');
