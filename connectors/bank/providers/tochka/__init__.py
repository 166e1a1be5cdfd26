"""Tochka: statements prepared on demand, hooks as signed tokens."""
