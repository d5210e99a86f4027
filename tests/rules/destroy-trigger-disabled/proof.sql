SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'payments'::regclass AND tgenabled = 'D');
