SELECT to_regnamespace('side') IS NULL;
