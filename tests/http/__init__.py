"""Tests of the service as its callers see it."""
