"""The REST methods of the stand-in, one module per family; `registry` joins them."""
