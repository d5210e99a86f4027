VACUUM payments;
