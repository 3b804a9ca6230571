"""What may happen: verbs, rules and queries, one noun a module. They flush and never commit."""
