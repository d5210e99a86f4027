DROP VIEW order_list;
DROP FUNCTION touch();
