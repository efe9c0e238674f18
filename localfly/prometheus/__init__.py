"""A small, honest subset of Prometheus: samples in memory, and PromQL to ask for them.

Nothing here knows of machines. What the language covers is in `parser`; the numbers follow
MetricsQL, which Fly runs, where that and PromQL differ (see `rollups`).
"""
