CREATE INDEX CONCURRENTLY idx_technical_indicator_stock_id ON "TechnicalIndicator"(stock_id);
