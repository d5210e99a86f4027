SELECT current_setting('lock_timeout') = '1min';
