"""Bitrix24: the connector, and beside it the local stand-in."""
