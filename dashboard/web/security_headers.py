"""Security headers: no foreign content, no inline script, no frames, no guessed types."""

from __future__ import annotations

from flask import Flask, Response

DEFAULT_CACHE_CONTROL = "no-store"


def content_security_policy(external_script_url: str | None) -> str:
    """The content security policy, with the one foreign script where the page needs it."""
    scripts = "'self'" if external_script_url is None else f"'self' {external_script_url}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def init_app(app: Flask, *, external_script_url: str | None, is_https: bool) -> None:
    fixed = {
        "Content-Security-Policy": content_security_policy(external_script_url),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if is_https:
        fixed["Strict-Transport-Security"] = "max-age=31536000"

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        # Transcripts are private: no cache between here and the reader may keep them.
        response.headers.setdefault("Cache-Control", DEFAULT_CACHE_CONTROL)
        return response
