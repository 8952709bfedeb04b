"""Metrics, one file a task; nothing here imports a network."""
