"""Flask: webhooks in, pages and JSON out. A view reads, calls one function and answers."""
