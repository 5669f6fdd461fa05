"""HTML routes, one module for each page."""
