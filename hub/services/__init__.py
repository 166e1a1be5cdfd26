"""What the hub does, one verb a module; each works through ports and takes ids."""
