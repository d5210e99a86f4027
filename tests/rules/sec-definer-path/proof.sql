SELECT prosecdef AND proconfig IS NULL FROM pg_proc WHERE proname = 'peek';
