CREATE INDEX CONCURRENTLY idx_analysis_result_stock_id ON "AnalysisResult"(stock_id);
