"""Compare two OpenAPI documents, and judge each difference for callers and servers."""
