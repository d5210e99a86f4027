CREATE INDEX CONCURRENTLY idx_analysis_result_date ON "AnalysisResult"(analysis_date);
