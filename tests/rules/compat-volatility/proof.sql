SELECT provolatile = 'i' FROM pg_proc WHERE proname = 'touch';
