"""Measures the dashboard against what a person would use instead. Nothing in `dashboard/` knows of it."""
