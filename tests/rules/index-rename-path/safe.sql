ALTER INDEX orders_created RENAME TO orders_made;
