ALTER TYPE mood ADD VALUE 'calm';
UPDATE shelf SET feeling = 'calm' WHERE id = 1;
