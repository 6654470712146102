"""Docker behind the Engine port: the only place that imports docker, and one adapter to the rest of the world."""
