"""Benchmarks that anybody can repeat, each with the bars it has to reach."""
