CREATE FUNCTION shout_louder(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(words) || chr(33) $$;
CREATE INDEX CONCURRENTLY shelf_louder ON shelf (shout_louder(label));
