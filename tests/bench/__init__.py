"""Measures what a person waits for, on a real engine; ``make bench`` runs it. Nothing here is a test."""
