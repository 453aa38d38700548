"""Calls to Skilljar: addresses, answers, waits, pages that several streams need."""
