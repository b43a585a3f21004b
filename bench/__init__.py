"""Measurements against limits and peers that run beside ours; `./run bench [job …]`."""
