-- migrations/001_add_birth_date.sql
-- Migration: Add birth_date column to profiles
-- Version: 1.1.0
-- Date: 2025-10-15

BEGIN;

-- Add column
ALTER TABLE apidb.profiles ADD COLUMN IF NOT EXISTS birth_date DATE;

-- Update version
UPDATE admindb.system_settings
SET value = '{"version": "1.1.0", "migration": "001_add_birth_date", "date": "2025-10-15"}'
WHERE key = 'schema_version';

COMMIT;
