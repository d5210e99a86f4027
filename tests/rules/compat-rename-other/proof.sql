SELECT NOT EXISTS (SELECT FROM pg_enum WHERE enumlabel = 'sad');
