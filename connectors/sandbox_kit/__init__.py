"""What every stand-in server needs: server, clock, timers, fault script, write log, document loader."""
