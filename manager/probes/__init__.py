"""What runs inside a sandbox: stand-alone scripts that need the standard library only."""
