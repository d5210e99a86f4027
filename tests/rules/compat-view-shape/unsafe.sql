CREATE OR REPLACE VIEW order_list AS SELECT memo, id FROM orders;
