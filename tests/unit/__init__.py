"""Tests of pure code: no store, no HTTP."""
