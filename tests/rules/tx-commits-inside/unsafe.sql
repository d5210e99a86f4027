DO $$ BEGIN FOR i IN 1..3 LOOP UPDATE small SET name = 'x' WHERE id = i; COMMIT; END LOOP; END $$;
