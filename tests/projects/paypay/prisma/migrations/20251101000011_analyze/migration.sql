ANALYZE "Stock";
ANALYZE "AnalysisResult";
ANALYZE "TechnicalIndicator";
ANALYZE "Portfolio";
ANALYZE "PortfolioEntry";
