"""Tests of how things are kept, as far as no engine is needed."""
