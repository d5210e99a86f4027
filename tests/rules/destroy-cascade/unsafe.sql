DROP VIEW shelf_list CASCADE;
