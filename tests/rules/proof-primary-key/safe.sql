CREATE UNIQUE INDEX CONCURRENTLY payments_pkey ON payments (id);
ALTER TABLE payments ADD CONSTRAINT payments_pkey PRIMARY KEY USING INDEX payments_pkey;
