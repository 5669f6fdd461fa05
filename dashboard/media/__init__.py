"""Media streams: the WebSocket that Telnyx sends sound to, and what is measured of it."""
