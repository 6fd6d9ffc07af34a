"""An app written with the official Dapr SDK (FastAPI extension), behind a sidecar.

    dapr_app.py PORT TOPIC DEAD_LETTER_TOPIC
Prints one line per event. An event whose data is "drop" is answered DROP; one whose data is "flaky" RETRY the first time.
"""
import sys

import uvicorn
from dapr.ext.fastapi import DaprApp
from fastapi import Body, FastAPI

port, topic, dead = int(sys.argv[1]), sys.argv[2], sys.argv[3]
app = FastAPI()
dapr = DaprApp(app)
seen = set()


@dapr.subscribe(pubsub="pubsub", topic=topic, dead_letter_topic=dead)
def on_event(event=Body()):
    first = event["id"] not in seen
    seen.add(event["id"])
    print("event", event["id"], event["data"], event["source"], flush=True)
    if event["data"] == "drop":
        return {"status": "DROP"}
    if event["data"] == "flaky" and first:
        return {"status": "RETRY"}
    return {"status": "SUCCESS"}


@dapr.subscribe(pubsub="pubsub", topic=dead)
def on_dead(event=Body()):
    print("dead", event["id"], event["data"], flush=True)


uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
