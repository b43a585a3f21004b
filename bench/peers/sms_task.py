"""Peer of the drain: a Celery task per SMS, as it is usually written."""

import os

import requests
from celery import Celery
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.settings")

app = Celery("peer", broker=os.environ.get("CELERY_BROKER_URL"))
app.conf.task_ignore_result = True
app.conf.task_default_queue = "bench_peer"


@app.task(name="bench.send_one")
def send_one(message_id: int) -> None:
    from sms.models import Message

    message = Message.objects.select_related("line").get(pk=message_id)
    body = {
        "header": {
            "login": message.line.login,
            "accessKey": message.line.access_key,
            "mode": "prod",
            "priority": 1,
        },
        "messages": [
            {
                "phone_number": message.number,
                "message": message.text,
                "id_sms_api": message.id_sms_api,
                "url": "",
            }
        ],
    }
    answer = requests.post(message.line.base_url + message.line.send_path, json=body, timeout=20)
    answer.raise_for_status()
    message.state = Message.State.SUBMITTED
    message.submitted_at = timezone.now()
    message.save()
