"""The adapter to Telnyx: webhooks in, commands out, and the REST client. Telnyx's words stop here."""
