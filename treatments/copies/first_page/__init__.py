"""The first page of an Anagen without a clinic: a new clinic, or a copy of one. Only for whoever has the code that
`./anagen first_page` printed on the machine itself: to a stranger on the network there is no such page."""
