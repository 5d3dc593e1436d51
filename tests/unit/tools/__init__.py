"""Tests of what runs on the owner's machine."""
