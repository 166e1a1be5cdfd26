"""Endpoints of API v4, a module for each family."""
