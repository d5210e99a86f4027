-- Names the commands whose watari died: whoever asks holds the lock that they held.
update watari.guarded set error = 'broken off' where ended_at is null and error is null;
