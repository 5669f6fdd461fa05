"""Simulated webhooks: payloads, signatures and deliveries."""
