"""Measurements that can be run again; `docs/table.md` says what they found."""
