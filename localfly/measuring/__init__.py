"""What the machines do, measured from their processes, in the series that Fly shows.

`metrics` holds it together. Real machines are measured (`traffic`, `processes`, `meters`),
simulated ones are computed (`synthetic`).
"""
