SELECT seqtypid = 'int'::regtype FROM pg_sequence WHERE seqrelid = 'tickets_id_seq'::regclass;
