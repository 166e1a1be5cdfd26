"""Contract tests of the local amoCRM: every promise is checked over a real socket."""
