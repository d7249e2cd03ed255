"""What every address of the API may answer beside what its view declares: the refusals, as problem documents."""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457): what happened, that nothing was lost, what to do.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"description": "{field: [what is wrong]}"},
        "retry_after": {"type": "integer", "description": "Seconds, as in Retry-After."},
        "missing_scope": {"type": "string", "description": "What the key would need."},
    },
    "additionalProperties": True,
}
_HEADERS = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to show who one is: Bearer."}},
    "429": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
}
ALWAYS = {
    "400": "A parameter or field is not right; `errors` names it.",
    "401": "The key is unknown, revoked or expired, or nobody has signed in and somebody must.",
    "403": "Whoever asks may not do this, or the key lacks the scope.",
    "404": "There is nothing here, or nothing that this person may see.",
    "406": "Nothing that Accept names can be given.",
    "429": "Too many requests; see docs/reference/limits.md.",
}
WITH_BODY = {
    "409": "This does not fit what is stored.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
}


def declare_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Hook of the schema's generator: give every operation the refusals, each described once."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {_name(status): _response(status, words) for status, words in (ALWAYS | WITH_BODY).items()}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            refusals = ALWAYS if method in {"get", "head", "options"} else ALWAYS | WITH_BODY
            operation["responses"] |= {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in refusals}
    return result


def _name(status: str) -> str:
    return f"Problem{status}"


def _response(status: str, words: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return {"description": words, "content": content, **headers}
