"""Learns from consensus, finds trails, asks people to check."""
