"""The demonstration tours: their facts as data files, and their loader. (DESIGN rule 14.)

Every fact has a basis (sourced, derived, illustrative) and, when sourced, the keys of its sources.
"""
