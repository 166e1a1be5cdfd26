"""Jobs: dramatiq carries hints (ids), the database holds the truth."""
