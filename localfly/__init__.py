"""Local Fly: a stand-in for Fly.io's Machines API with real processes and real folders."""
