DO $$ DECLARE t text := 'small'; BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN x int', t); END $$;
