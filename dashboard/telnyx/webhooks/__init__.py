"""Webhooks: signatures, public keys and payloads."""
