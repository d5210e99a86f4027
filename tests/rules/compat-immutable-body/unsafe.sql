CREATE OR REPLACE FUNCTION shout(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(words) || chr(33) $$;
