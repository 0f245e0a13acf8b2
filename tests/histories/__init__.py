"""Random histories of one or two districts: the world that plays them, and what must hold after every step."""
