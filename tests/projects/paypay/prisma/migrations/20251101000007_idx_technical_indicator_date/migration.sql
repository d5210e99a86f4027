CREATE INDEX CONCURRENTLY idx_technical_indicator_date ON "TechnicalIndicator"(date);
