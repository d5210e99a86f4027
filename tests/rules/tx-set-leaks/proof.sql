SELECT current_setting('work_mem') = '64MB';
