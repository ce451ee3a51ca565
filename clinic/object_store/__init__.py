"""Objects kept under keys in a folder or in an S3 store, by six calls; knows nothing of what they are.

`stores` has the calls and their errors, `addresses` opens a store by its URL, `probe` finds out what a server lacks.
"""
