"""The sections of a report, one file each: from results to blocks, which are data."""
