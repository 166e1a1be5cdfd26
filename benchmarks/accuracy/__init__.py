"""How right the matcher is on a made-up year of a company that it has never seen."""
