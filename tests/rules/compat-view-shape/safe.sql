CREATE OR REPLACE VIEW order_list AS SELECT id, memo, status FROM orders;
