"""A script in the manner of 2023, for an environment with openai 0.27: the module's settings, and one chat.

It is not imported: test_practice_clients_openai.py runs it. Reads the settings as JSON from its input, and
writes what came as JSON: the text, or the class and words of the refusal.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import openai


def main() -> None:
    """Ask once, in the way that is asked for: plain, stream or async."""
    wanted = json.load(sys.stdin)
    openai_0_27: Any = openai
    for name in ("api_type", "api_base", "api_version", "api_key"):
        setattr(openai_0_27, name, wanted[name])
    chat = {"engine": wanted["engine"], "messages": [{"role": "user", "content": wanted["prompt"]}]}
    completion = openai_0_27.ChatCompletion
    try:
        if wanted["way"] == "stream":
            deltas = (each["choices"][0]["delta"] for each in completion.create(**chat, stream=True))
            text = "".join(delta.get("content", "") for delta in deltas)
        elif wanted["way"] == "async":
            text = asyncio.run(completion.acreate(**chat))["choices"][0]["message"]["content"]
        else:
            text = completion.create(**chat)["choices"][0]["message"]["content"]
    except openai_0_27.error.OpenAIError as refusal:
        told = {"class": type(refusal).__name__, "status": refusal.http_status, "words": str(refusal)}
    else:
        told = {"text": text}
    json.dump(told, sys.stdout)


main()
