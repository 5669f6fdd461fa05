"""Simulated speech: dialogues and their recognition."""
