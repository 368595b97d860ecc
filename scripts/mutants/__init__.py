"""Show what the conformance suite detects: judge servers that are wrong in one way each, and right ones."""
