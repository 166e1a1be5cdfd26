"""Readers of statement files, one package or module a format."""
