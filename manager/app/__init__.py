"""Use cases: observe, plan, apply; they join adapters through the ports."""
