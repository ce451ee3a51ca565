"""`anagen doctor`: what is wrong with an installation, in plain words, each with a name that stays and what to do."""
