-- Migration: Add the metadata of OCR to documents
\c admindb

ALTER TABLE documents ADD COLUMN IF NOT EXISTS ocr_metadata JSONB;

UPDATE system_settings
SET value = '{"version": "1.3.0", "migration": "003_add_ocr_metadata", "date": "2025-10-17"}'
WHERE key = 'schema_version';
