DROP VIEW shelf_labels;
CREATE VIEW shelf_labels AS SELECT label FROM shelf_list;
