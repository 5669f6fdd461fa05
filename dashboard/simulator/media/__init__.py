"""Simulated media streams and forks."""
