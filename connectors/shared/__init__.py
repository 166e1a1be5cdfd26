"""What every connector needs: bounded HTTP, outcome tables, quota pacing, bounded parsers."""
