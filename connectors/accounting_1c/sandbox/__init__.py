"""A local stand-in of a 1C base published over the standard OData interface: БП 3.0 or УТ 11."""
