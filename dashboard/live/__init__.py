"""What browsers see as it happens. Knows calls and their changes, and nothing of providers or of storage."""
