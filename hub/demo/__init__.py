"""The demo: two invented companies, two CRMs, a 1C base, files and banks, run through one real hub and checked."""
