DROP VIEW shelf_labels;
DROP VIEW shelf_list;
