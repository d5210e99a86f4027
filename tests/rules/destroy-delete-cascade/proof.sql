SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_customer' AND confdeltype = 'c');
