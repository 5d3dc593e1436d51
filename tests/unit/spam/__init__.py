"""Tests of the checks: guilty, innocent, and the edge between."""
