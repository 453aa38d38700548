"""What the pretend LMS servers with a GraphQL API have in common: requests, documents, cursors, schema files."""
