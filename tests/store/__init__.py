"""Tests of the ports, against each adapter and its fake."""
