"""What lies at addresses (s3://, gs://, ...) brought to this disk, and results brought there.

`stores.py` asks the network, through fsspec; `fetching.py` brings files here, `room.py` bounds what
they take, `delivery.py` brings results there. Nothing of it is imported where no address is used.
"""
