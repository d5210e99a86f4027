SELECT NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'shelf_stamp');
