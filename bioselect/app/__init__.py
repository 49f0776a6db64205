"""The web page on this machine: pages, what guards them, and the processes that do the work."""
