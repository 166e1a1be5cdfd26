"""The demo: two invented companies, two CRMs, files and banks, run through one real hub and checked."""
