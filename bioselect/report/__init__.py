"""From a run folder to `report.html`: everything a person wants to look at, in one file."""
