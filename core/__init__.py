"""Plumbing without a domain noun: jobs, claims, audit, storage keys, streaming writers, figures, signed links."""
