"""Numbers to drawings: SVG text that any browser shows, without a plotting library."""
