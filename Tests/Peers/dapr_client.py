"""The official Dapr SDK as a client of a sidecar: health, then an invocation with body, header and query.

    dapr_client.py APP METHOD    with DAPR_HTTP_PORT (and DAPR_API_TOKEN) in the environment
Prints the callee's answer. What goes over gRPC is not used.
"""
import sys

from dapr.clients import DaprClient

with DaprClient() as client:
    reply = client.invoke_method(
        sys.argv[1], sys.argv[2], data='{"a":1}', http_verb="POST", content_type="application/json",
        metadata=(("x-from-sdk", "yes"),), http_querystring=(("colour", "light blue"),))
    print(reply.text())
