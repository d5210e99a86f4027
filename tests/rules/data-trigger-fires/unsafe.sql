UPDATE visits SET note = 'x';
