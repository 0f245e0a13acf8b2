"""Routes that wait for one another: visits for two workers, and gaps between two visits of one recipient."""
