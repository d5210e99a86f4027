SELECT EXISTS (SELECT FROM pg_event_trigger);
