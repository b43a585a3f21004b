"""`python -m bench.applying`: applies what waits, as a worker does, in a process that can be looked at."""

import django

if __name__ == "__main__":
    django.setup()
    from sms.callbacks import apply

    apply.drain()
