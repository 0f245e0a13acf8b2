"""Who is named as the actor of a decision."""

CORE = "core"
"""Of what nobody asked for."""
