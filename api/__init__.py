"""HTTP: one module a resource, each a blueprint with its schemas; what is asked is done by ``server``."""
