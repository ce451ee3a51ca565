"""`anagen upgrade`: to another release, back again when that fails, and rid of what nobody needs any more."""
