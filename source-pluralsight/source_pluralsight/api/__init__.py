"""Calls of the Pluralsight GraphQL API: one client, one table of what answers mean."""
