ALTER TABLE orders ADD COLUMN note_for_packing text;
