SELECT EXISTS (SELECT FROM pg_enum WHERE enumlabel = 'calm');
