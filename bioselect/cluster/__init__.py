"""Tasks on a Dask scheduler: connecting, which workers may be used, tasks there and back."""
