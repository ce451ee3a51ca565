"""What is drawn and written of the figures: the plot of a Month, and the files that leave the clinic."""
