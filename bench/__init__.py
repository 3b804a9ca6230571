"""Measured claims. Each prints name, value, unit, the limit measured beside it in the same run, and
the ratio of the two: figures of one machine say little, ratios travel."""
