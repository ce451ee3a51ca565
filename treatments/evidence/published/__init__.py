"""Published results, set beside the clinic's own: never pooled with them, never tested against them."""
