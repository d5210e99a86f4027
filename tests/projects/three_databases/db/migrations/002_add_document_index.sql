-- Migration: Add an index on the status of documents
-- watari: database admindb

CREATE INDEX IF NOT EXISTS idx_documents_status ON documents(status);

UPDATE system_settings
SET value = '{"version": "1.2.0", "migration": "002_add_document_index", "date": "2025-10-16"}'
WHERE key = 'schema_version';
