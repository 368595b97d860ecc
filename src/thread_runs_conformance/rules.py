"""The registry of rules: every finding carries one of these codes. Codes are stable; docs/conformance.md lists them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule that a server can break.

    Attributes:
        code: The stable name, as reports print it.
        meaning: What the server does.
        fix: What the server team should change.
    """

    code: str
    meaning: str
    fix: str


_ALL = (
    Rule(
        "no-response",
        "The server closes the connection, times out, or sends something that is not HTTP.",
        "Return a documented error for every request, also for requests that you cannot read.",
    ),
    Rule(
        "bad-content-encoding",
        "The body cannot be decoded with the content coding that the response names, or the client did not offer it.",
        "Encode with a coding from the request's `Accept-Encoding` and name it in `Content-Encoding`.",
    ),
    Rule(
        "bad-framing",
        "The response's framing headers contradict each other or the body.",
        "Send either a correct `Content-Length` or chunks, once, and no body with 204 and 304.",
    ),
    Rule("undocumented-status", "The status is not documented for this operation.", "Use a documented status."),
    Rule("server-error", "A request is answered with a 5XX status.", "Fix the failure behind the 5XX."),
    Rule(
        "server-error-intermittent",
        "A valid request is answered with a 5XX status, and the same request succeeds when it is repeated.",
        "Look for state, races or upstream failures in the server.",
    ),
    Rule("missing-header", "A required response header is missing.", "Send the header with every response."),
    Rule("invalid-header", "A response header does not match its schema.", "Send a value that matches the schema."),
    Rule("repeated-request-id", "Several responses carry the same `x-request-id`.", "Use a new id for each response."),
    Rule(
        "content-type",
        "The `Content-Type` of a response is missing, undocumented, or names a charset that JSON does not use.",
        "Send the documented media type; JSON is always UTF-8.",
    ),
    Rule("not-json", "The body is not valid JSON (RFC 8259).", "Serialize with a strict JSON library, in UTF-8."),
    Rule("schema", "The body does not match its schema.", "Return what the schema describes."),
    Rule("milliseconds", "A time is not in Unix seconds.", "Send seconds."),
    Rule("secret-in-response", "The response repeats the credential, or most of it.", "Mask or omit the credential."),
    Rule("valid-request-rejected", "A valid request is rejected.", "Accept what the spec allows."),
    Rule(
        "valid-request-rejected-intermittent",
        "A valid request is rejected, and the same request succeeds when it is repeated.",
        "Look for state or races in the server's validation.",
    ),
    Rule(
        "read-after-rejection",
        "After a rejected request, the next valid read fails.",
        "Leave the connection and the resource usable after a rejection.",
    ),
    Rule(
        "connection-out-of-step",
        "After a request, the next one on the same connection is not answered as usual.",
        "Read each request to its end, and send exactly the body that the headers announce.",
    ),
    Rule(
        "connection-left-open",
        "The connection stays open after a request with `Connection: close`, or an HTTP/1.0 request.",
        "Close the connection after the response (RFC 9112, section 9.6).",
    ),
    Rule(
        "spelling-rejected",
        "A request is rejected although it only spells a valid request differently.",
        "Parse requests as the cited paragraph of the RFC describes.",
    ),
    Rule(
        "spelling-changes-meaning",
        "A request that only spells another one differently has a different effect.",
        "Parse requests as the cited paragraph of the RFC describes.",
    ),
    Rule("invalid-request-accepted", "A request that violates the spec is accepted.", "Reject it with a 4XX status."),
    Rule("wrong-status", "A request is rejected with a status that does not fit.", "Use the status in the finding."),
    Rule(
        "rejected-request-stored",
        "A request is rejected, but its change is stored.",
        "Validate before you write, or roll back.",
    ),
    Rule("allow", "A 405 response does not list the allowed methods.", "Send a complete `Allow` header with each 405."),
    Rule(
        "wrong-resource",
        "The response describes a different resource from the one in the path.",
        "Return the resource named.",
    ),
    Rule("stale-read", "A read does not show what the last change returned.", "Read what was written."),
    Rule(
        "changed-without-request",
        "A resource changed although no request changed it.",
        "Look for shared state between resources, or for background jobs that write.",
    ),
    Rule("other-field-changed", "A field changed that no request changed.", "Change only what the request names."),
    Rule("change-not-shown", "The response does not show the change.", "Return the resource after the change."),
    Rule("unchanged-field-changed", "A request that omits a property changes it.", "Leave omitted properties alone."),
    Rule(
        "put-keeps-property",
        "A PUT keeps a property that it omits and that an earlier PUT set.",
        "Replace the whole resource (RFC 9110, section 9.3.4), or describe the operation as PATCH.",
    ),
    Rule(
        "inconsistent-update",
        "The server merges in one call and replaces in another, or treats null differently from call to call.",
        "Apply one rule to every call.",
    ),
    Rule("change-not-applied", "The response shows what was stored before.", "Apply the change before you respond."),
    Rule("key-changed", "A key comes back changed.", "Store keys exactly as they were sent."),
    Rule("keys-merged", "Two different keys are stored as one.", "Compare keys code point by code point."),
    Rule("key-lost", "A pair that was sent is missing.", "Store every pair."),
    Rule("value-changed", "A value comes back changed.", "Store values exactly as they were sent."),
    Rule("text-cut", "A key or a value comes back shortened.", "Store the whole text, or reject it."),
    Rule("text-trimmed", "White space at the ends of a key or a value is removed.", "Do not trim."),
    Rule("text-case", "A key or a value comes back in another case.", "Keep the case."),
    Rule("text-normalized", "A key or a value comes back in another Unicode normalization form.", "Do not normalize."),
    Rule("value-type", "A value comes back as another JSON type.", "Keep strings as strings."),
    Rule("pair-lost", "A stored pair disappears.", "Keep what no request removed."),
    Rule("not-cleared", "Pairs are still stored after they were removed.", "Remove them."),
    Rule("extra-pair", "A pair appears that nobody sent.", "Store only what was sent."),
    Rule(
        "lost-update",
        "A change that was answered as successful is lost when another caller writes at the same time.",
        "Make read, change and write one atomic step.",
    ),
    Rule(
        "not-linearizable",
        "No order of the concurrent calls explains what the callers saw.",
        "Make each change and each read atomic.",
    ),
    Rule(
        "not-durable",
        "A resource no longer holds at the end of the run what was stored last.",
        "Look for caches, expiry, or write-behind queues that lose changes.",
    ),
    Rule("create-not-readable", "A created resource cannot be read.", "Make it readable as soon as you respond."),
    Rule("create-not-listed", "A created resource is not in the list.", "List it as soon as you respond."),
    Rule("deleted-still-there", "A deleted resource can still be read or listed.", "Return 404 or 410 after a delete."),
    Rule(
        "schemathesis",
        "Schemathesis reports a failure that this suite's own checks do not cover.",
        "See the message and the schemathesis documentation.",
    ),
    Rule("client", "The generated client does not conform to the spec.", "Report it to the client's maintainers."),
)
RULES = {rule.code: rule for rule in _ALL}
"""Every rule, by its code."""
