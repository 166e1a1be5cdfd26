"""`./run bench-flow`: money at a steady rate into a full store, deals moved behind the portal's own limits."""
