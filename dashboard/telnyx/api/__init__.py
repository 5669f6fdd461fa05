"""The REST client: transport, retries, errors and hints."""
