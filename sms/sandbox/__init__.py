"""A pretend inSIM gateway with a phone on a web page, in a process of its own.

It speaks the vendor's protocol both ways (requests in, callbacks out) and knows nothing of Ligne's tables:
what passes between them passes over HTTP. `door` answers the gateway's API before Django is asked; `views`
draw the phone; `control` is for demo data, tests and benches.
"""
