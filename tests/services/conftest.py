"""The services run inside a whole application, as they do for the tests of the web."""

from tests.web.conftest import guarded, make_app, press, provider, settings

__all__ = ["guarded", "make_app", "press", "provider", "settings"]
