UPDATE small SET name = 'x';
