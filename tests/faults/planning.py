"""`python -m tests.faults.planning CAMPAIGN CHUNK`: plans a campaign as a worker does, in smaller chunks: a test's few
hundred people are many of them, and a kill falls in the middle.
"""

import sys
from datetime import timedelta

import django

if __name__ == "__main__":
    django.setup()
    from sms.campaigns import plan

    plan.CHUNK = int(sys.argv[2])
    # Over at once: who begins after a kill need not wait for it, and two of them race.
    plan.LEASE = timedelta(0)
    while plan.plan(int(sys.argv[1])):
        pass
