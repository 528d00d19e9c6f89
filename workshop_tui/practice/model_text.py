"""What the practice model says: a product description from a template, in the shape of a chat completion.

It says of itself that it is a practice model. The word that makes the workshop's app answer 401 (it looks for
it in the model's text) never appears, whatever the prompt holds.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

FORBIDDEN = re.compile("error", re.IGNORECASE)
LONGEST_WORD = 80
LABELLED_NAME = re.compile(
    r"\b(?:product\s*name|name|product)[\"']?\s*[:=]\s*(.+?)\s*(?=[,;]?\s*\b(?:tags?|keywords?|description)\b|\n|$)",
    re.IGNORECASE,
)
LABELLED_TAGS = re.compile(r"\b(?:tags?|keywords?)[\"']?\s*[:=]\s*(\[[^\]]*\]|[^\n;]+)", re.IGNORECASE)
"""The last of them counts: examples come first in a prompt, the product in question last."""
ROLES = frozenset({"system", "user", "assistant", "developer", "tool", "function"})


class InvalidChatError(ValueError):
    """The request is no chat."""


def complete(body: dict[str, Any], model: str) -> dict[str, Any]:
    """Return a chat completion for the request.

    Raises:
        InvalidChatError: there are no messages, or one without a known role.

    """
    prompt = _prompt(body)
    text = describe(prompt)
    used, said = len(prompt.split()), len(text.split())
    return {
        "id": f"chatcmpl-practice{uuid.uuid4().hex[:20]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "system_fingerprint": "fp_practice",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "logprobs": None,
                "finish_reason": "stop",
                "content_filter_results": {},
            }
        ],
        "usage": {"prompt_tokens": used, "completion_tokens": said, "total_tokens": used + said},
    }


def stream(answer: dict[str, Any], headers: dict[str, str]) -> StreamingResponse:
    """Return a completion as server-sent events, a word at a time."""
    return StreamingResponse(_events(answer), headers=headers, media_type="text/event-stream")


def _events(answer: dict[str, Any]) -> Iterator[str]:
    words = re.findall(r"\S+\s*", answer["choices"][0]["message"]["content"])
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in words]
    base = {key: answer[key] for key in ("id", "created", "model", "system_fingerprint")}
    for place, delta in enumerate([*deltas, {}]):
        reason = "stop" if place == len(deltas) else None
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        event = {**base, "object": "chat.completion.chunk", "choices": [choice]}
        yield f"data: {json.dumps(event)}\n\n"
    yield "data: [DONE]\n\n"


def _prompt(body: dict[str, Any]) -> str:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidChatError("'messages' is a required property and holds at least one message")
    texts: list[str] = []
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise InvalidChatError("a message has no known 'role'")
        content = message.get("content") or ""
        if isinstance(content, list):
            content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        texts.append(str(content))
    return "\n".join(texts)


def describe(prompt: str) -> str:
    """Return the description of the product a prompt speaks of."""
    name, tags = find_product(prompt)
    praise = f" Made for {_listed(tags)}." if tags else ""
    text = f"{name}: a find you will want to keep.{praise} (Written by the practice model, from a template.)"
    return FORBIDDEN.sub("mishap", text)


def find_product(prompt: str) -> tuple[str, list[str]]:
    """Return the product's name and tags, as far as the prompt tells them."""
    names = LABELLED_NAME.findall(prompt)
    tags = LABELLED_TAGS.findall(prompt)
    found = re.split(r"[,\n]| and ", tags[-1].strip("[] ")) if tags else []
    cleaned = [word for each in found if (word := _short(each))]
    return (_short(names[-1]) or "This product") if names else "This product", cleaned[:8]


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_WORD].strip(" \"'`[]()<>{},.:")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
