"""The web server: HTTP on green sockets, with limits against hostile clients. The application runs without it."""
