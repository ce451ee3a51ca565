"""Anagen as a package: the command `anagen`, how it is set up, examined and upgraded on a machine of a clinic."""
