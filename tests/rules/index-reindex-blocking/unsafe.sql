REINDEX INDEX orders_created;
