CREATE INDEX CONCURRENTLY idx_analysis_result_signal ON "AnalysisResult"(signal);
