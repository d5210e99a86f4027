CREATE OR REPLACE VIEW shelf_labels AS SELECT label FROM shelf_list;
