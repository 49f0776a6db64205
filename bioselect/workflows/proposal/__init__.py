"""What `bioselect init` looks at and decides, one decision a file."""
