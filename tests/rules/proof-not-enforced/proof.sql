SELECT NOT conenforced FROM pg_constraint WHERE conname = 'positive';
