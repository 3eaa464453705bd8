"""A forked process never inherits a half-recorded trace."""
