"""The mock follows the conventions of REST from the spec alone, on every store."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import thread_runs_mock
from thread_runs_mock.stores import StoreError
from thread_runs_spec.document import SpecError

SPEC = Path(__file__).with_name("specs") / "assistants.yaml"
THREAD = "/threads/thread_abc123"
Client = Callable[..., httpx.Client]


@pytest.fixture
def client(location: str | None, start: Client) -> httpx.Client:
    return start(spec=SPEC, store=location)


@pytest.fixture
def in_memory(start: Client) -> httpx.Client:
    return start(spec=SPEC)


STATUSES = ("queued", "in_progress", "completed", "cancelled")


def run(name: str, **fields: Any) -> dict[str, Any]:
    """A run of the thread `t`. One that is named after a status has it."""
    status = name if name in STATUSES else "queued"
    known = {"id": name, "thread_id": "t", "created_at": 1, "status": status, "cancelled_at": None}
    return {**known, "instructions": "", "tools": [], "metadata": {}, **fields}


def ids(response: httpx.Response) -> list[str]:
    return [resource["id"] for resource in response.json()["data"]]


def test_what_is_created_can_be_read_listed_and_deleted(client: httpx.Client) -> None:
    thread = client.post("/threads", json={"metadata": {"a": "1"}}).json()
    assert re.fullmatch(r"thread_[a-z0-9]{6}", thread["id"])
    assert thread["id"] != "thread_abc123"
    assert abs(thread["created_at"] - time.time()) < 60
    assert thread["metadata"] == {"a": "1"}
    path = f"/threads/{thread['id']}"
    assert client.get(path).json() == thread
    assert client.get(f"{path}/messages").json() == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": "",
        "has_more": False,
    }
    message = client.post(f"{path}/messages", json={"role": "user", "content": "hello"}).json()
    assert re.fullmatch(r"msg_[a-z0-9]{6}", message["id"])
    assert (message["thread_id"], message["content"], message["metadata"]) == (thread["id"], "hello", {})
    assert client.get(f"{path}/messages/{message['id']}").json() == message
    assert client.get(f"{path}/messages").json()["data"] == [message]
    # Everything below a deleted resource is deleted with it.
    assert client.delete(path).json() == {"id": thread["id"], "deleted": True}
    for gone in (path, f"{path}/messages", f"{path}/messages/{message['id']}"):
        response = client.get(gone)
        assert (response.status_code, response.json()["error"]["message"]) == (
            404,
            f"No thread found with id '{thread['id']}'.",
        )


def test_the_examples_are_there_at_first(client: httpx.Client) -> None:
    assert ids(client.get(f"{THREAD}/messages")) == ["msg_abc123"]
    assert client.get(f"{THREAD}/messages/msg_abc123").json()["content"] == "hi"
    assert ids(client.get(f"{THREAD}/runs")) == ["run_abc123"]


def test_nothing_is_created_in_or_listed_from_what_does_not_exist(client: httpx.Client) -> None:
    for response in (
        client.post("/threads/none/messages", json={"role": "user", "content": ""}),
        client.get("/threads/none/messages"),
    ):
        assert (response.status_code, response.json()["error"]["message"]) == (404, "No thread found with id 'none'.")
    refused = client.post(f"{THREAD}/messages", json={"role": "user"})
    assert refused.json()["error"]["message"] == "Missing required parameter: 'content'."
    assert len(ids(client.get(f"{THREAD}/messages"))) == 1


def test_lists_come_in_pages_and_orders(client: httpx.Client) -> None:
    thread = client.post("/threads", json={}).json()["id"]
    path = f"/threads/{thread}/messages"
    made = [client.post(path, json={"role": "user", "content": str(n)}).json()["id"] for n in range(5)]

    def page(**query: Any) -> tuple[list[str], bool]:
        body = client.get(path, params=query).json()
        found = [message["id"] for message in body["data"]]
        assert (body["first_id"], body["last_id"]) == ((found[0], found[-1]) if found else (None, ""))
        return found, body["has_more"]

    assert page() == (made[::-1], False)
    assert page(order="asc") == (made, False)
    assert page(limit=2) == (made[:2:-1], True)
    assert page(limit=2, after=made[3]) == (made[2:0:-1], True)
    assert page(limit=2, after=made[1]) == ([made[0]], False)
    assert page(limit=2, order="asc", after=made[1]) == (made[2:4], True)
    # Before a cursor comes what lies next to it, in the order that was asked for.
    assert page(limit=2, order="asc", before=made[4]) == (made[2:4], True)
    assert page(limit=2, before=made[0]) == ([made[2], made[1]], True)
    assert page(order="asc", after=made[0], before=made[3]) == (made[1:3], False)
    assert page(after=made[0]) == ([], False)
    # A page can go on from what was deleted since.
    assert client.delete(f"{path}/{made[3]}").status_code == 204
    assert page(limit=2, after=made[3]) == (made[2:0:-1], True)
    assert page(order="asc", before=made[3]) == (made[:3], False)
    later = client.post(path, json={"role": "user", "content": "later"}).json()["id"]
    assert page(order="asc", after=made[2]) == ([made[4], later], False)

    for query, message in (
        ({"limit": 101}, "Invalid 'limit': integer above maximum value."),
        ({"order": "up"}, "Invalid value for 'order': 'up'. Supported values are: 'asc', 'desc'."),
        ({"after": "msg_none"}, "Invalid 'after': no message found with id 'msg_none'."),
        ({"before": "msg_none"}, "Invalid 'before': no message found with id 'msg_none'."),
    ):
        refused = client.get(path, params=query)
        assert (refused.status_code, refused.json()["error"]["message"].startswith(message)) == (400, True)


def test_paging_meets_every_resource_once_while_others_come_and_go(client: httpx.Client) -> None:
    thread = client.post("/threads", json={}).json()["id"]
    path = f"/threads/{thread}/messages"

    def create() -> str:
        return str(client.post(path, json={"role": "user", "content": "x"}).json()["id"])

    kept = [create() for _ in range(12)]
    short_lived = [create() for _ in range(12)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(lambda name=name: (client.delete(f"{path}/{name}"), create())) for name in short_lived]  # type: ignore[misc]
        while True:
            page = client.get(path, params={"limit": 3, "order": "asc", **cursor}).json()
            seen += [message["id"] for message in page["data"]]
            if not page["has_more"]:
                break
            cursor = {"after": page["last_id"]}
        for other in others:
            other.result()
    assert [name for name in seen if name in kept] == kept
    assert len(seen) == len(set(seen))


def test_a_list_is_ordered_by_time_of_creation(location: str | None, start: Client) -> None:
    runs = [run(f"run_{n}", created_at=created) for n, created in enumerate([300, 100, 200, 100])]
    client = start(spec=SPEC, store=location, runs=runs)
    assert ids(client.get("/threads/t/runs", params={"order": "asc"})) == ["run_1", "run_3", "run_2", "run_0"]
    empty = client.get(f"/threads/{client.post('/threads', json={}).json()['id']}/runs").json()
    # Neither is null allowed, nor is the identifier required.
    assert empty == {"data": [], "has_more": False}


def test_what_the_request_leaves_out_comes_from_the_example(client: httpx.Client) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    response = client.post(f"{THREAD}/runs", json={"instructions": "Hi", "tools": tools, "tool_choice": "auto"})
    made = response.json()
    assert response.status_code == 201
    assert {name: made[name] for name in ("thread_id", "status", "instructions", "tools", "metadata")} == {
        "thread_id": "thread_abc123",
        "status": "queued",
        "instructions": "Hi",
        "tools": tools,
        "metadata": {},
    }
    assert "tool_choice" not in made
    # The request allows null where the resource does not.
    assert client.post(f"{THREAD}/runs", json={"instructions": None}).json()["instructions"] == "Be brief."
    refused = client.post(f"{THREAD}/runs", json={"instructions": "", "limit": None})
    assert refused.json()["error"]["message"].startswith("Invalid type for 'limit'")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"tools": [{"type": "retrieval"}]},
            "Invalid value for 'tools[0].type': 'retrieval'. "
            "Supported values are: 'code_interpreter', 'file_search', 'function'.",
        ),
        (
            {"tool_choice": "maybe"},
            "Invalid value for 'tool_choice': 'maybe'. Supported values are: 'none', 'auto', a tool_choice object.",
        ),
        (
            {"tools": [{"type": "function"}]},
            "Missing required parameter: 'tools[0].function'.",
        ),
    ],
)
def test_an_invalid_member_of_a_union_is_answered_with_all_valid_ones(
    in_memory: httpx.Client, body: Any, message: str
) -> None:
    response = in_memory.post(f"{THREAD}/runs", json={"instructions": "", **body})
    assert (response.status_code, response.json()["error"]["message"]) == (400, message)


def test_an_action_does_what_the_spec_says(client: httpx.Client) -> None:
    made = client.post(f"{THREAD}/runs", json={"instructions": ""}).json()
    path = f"{THREAD}/runs/{made['id']}"
    cancelled = client.post(f"{path}/cancel").json()
    assert cancelled["status"] == "cancelled"
    assert abs(cancelled["cancelled_at"] - time.time()) < 60
    assert cancelled["updated_at"] == cancelled["cancelled_at"]
    assert client.get(path).json() == cancelled
    again = client.post(f"{path}/cancel")
    assert (again.status_code, again.json()["error"]["message"]) == (409, "Cannot cancel run with status 'cancelled'.")
    assert client.post(f"{path}/archive").status_code == 204
    assert client.get(path).json()["archived"] is True
    assert client.post(f"{path}/freeze").status_code == 400
    other = f"{THREAD}/runs/run_abc123"
    assert client.post(f"{other}/freeze").json() == {"run_id": "run_abc123", "frozen": True}
    assert client.get(other).json()["status"] == "cancelled"
    assert client.post(f"{THREAD}/runs/none/cancel").json()["error"]["message"] == "No run found with id 'none'."


def test_an_action_without_x_mock_changes_nothing_and_is_marked(
    in_memory: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"{THREAD}/runs/run_abc123"
    with caplog.at_level("INFO", "thread_runs_mock"):
        response = in_memory.post(f"{path}/submit_tool_outputs")
        # A request is logged after its response was sent, and before the next one is read.
        in_memory.get(path)
    messages = [record.getMessage() for record in caplog.records]
    logged = [message.endswith(" not simulated") for message in messages if "/submit_tool_outputs" in message]
    assert response.headers["x-mock-simulated"] == "false"
    assert response.json() == in_memory.get(path).json()
    assert "x-mock-simulated" not in in_memory.get(path).headers
    assert logged == [True]
    root = str(in_memory.base_url.copy_with(path="/"))
    status = in_memory.get(f"{root}_mock/status.json").json()
    assert status["not_simulated"] == ["submitToolOutputs", "downloadFile", "export"]


def test_required_parts_of_a_form_are_required(in_memory: httpx.Client) -> None:
    file = {"file": ("a.bin", b"\xff\0", "application/octet-stream")}
    sent = in_memory.post("/files", files=file, data={"purpose": "batch", "pages": "3", "tags[]": ["a", "b"]}).json()
    assert re.fullmatch(r"file-[0-9a-zA-Z]{6}", sent["id"])
    assert (sent["purpose"], sent["pages"], sent["tags"]) == ("batch", 3, ["a", "b"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", sent["created"])
    assert sent["created"] != "2024-01-01T00:00:00Z"
    assert sent in in_memory.get("/files").json()
    for files, data, message in (
        ({}, {"purpose": "batch"}, "Missing required parameter: 'file'."),
        (file, {}, "Missing required parameter: 'purpose'."),
        (file, {"purpose": "x"}, "Invalid value for 'purpose': 'x'. Supported values are: 'assistants', 'batch'."),
        (file, {"purpose": "batch", "pages": "no"}, "Invalid type for 'pages': expected an integer, but got a string"),
        (file, {"purpose": "batch", "tags": ["a", "b", "c"]}, "Invalid 'tags': array too long."),
    ):
        # Without a file httpx would send another form.
        parts: Any = files or {"other": b"x"}
        refused = in_memory.post("/files", files=parts, data=data)
        assert (refused.status_code, refused.json()["error"]["message"].startswith(message)) == (400, True), message


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"nothing"),
        ("multipart/form-data; boundary=a", b"--a\r\n\r\nno name\r\n--a--\r\n"),
        ("multipart/form-data; boundary=a", b"--a\r\ncontent-disposition: form-data\r\n\r\nno name\r\n--a--\r\n"),
    ],
)
def test_a_body_that_is_not_a_form(in_memory: httpx.Client, content_type: str, body: bytes) -> None:
    response = in_memory.post("/files", content=body, headers={"content-type": content_type})
    assert (response.status_code, response.json()["error"]["message"]) == (
        400,
        "We could not parse the form in the body of your request.",
    )


def test_forms_and_collections_without_members(client: httpx.Client) -> None:
    note = client.post("/notes", data={"text": "buy", "priority": "2", "other": "x"}).json()
    assert isinstance(note.pop("id"), int)
    assert note == {"text": "buy", "priority": 2}
    client.post("/notes", data={"text": "milk"})
    # Without an order in the spec they come as they were made.
    assert [each["text"] for each in client.get("/notes").json()["notes"]] == ["buy", "milk"]
    assert client.post("/notes", data={"text": "too long"}).status_code == 400
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/notes", content=b"text=%FF", headers=headers).status_code == 400
    assert client.post("/notes", content=b"\xff", headers=headers).status_code == 400


def test_responses_that_are_not_json_are_the_documented_example(in_memory: httpx.Client) -> None:
    content = in_memory.get("/files/file-Ab3/content")
    assert (content.text, content.headers["content-type"]) == ("line one\n", "text/plain")
    assert content.headers["x-mock-simulated"] == "false"
    export = in_memory.get("/export")
    assert (export.content, export.headers["content-type"]) == (b"string", "application/octet-stream")


def changed(tmp_path: Path, change: Callable[[Any], None]) -> Path:
    document = yaml.safe_load(SPEC.read_text("utf-8"))
    change(document)
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return path


def with_model(document: Any) -> None:
    """A newer spec: runs have a model, and nested tools a name."""
    schema = document["components"]["schemas"]["Run"]
    schema["required"].append("model")
    schema["properties"]["model"] = {"type": "string"}
    document["components"]["responses"]["Run"]["content"]["application/json"]["example"]["model"] = "small"


@pytest.mark.parametrize("location", ["sqlite", "postgresql"], indirect=True)
def test_a_store_is_not_served_with_a_spec_that_it_does_not_fit(
    location: str, tmp_path: Path, start: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with thread_runs_mock.serve(SPEC, store=location) as server, httpx.Client(base_url=server.base_url) as client:
        created = client.post(f"{THREAD}/runs", json={"instructions": "Hi"}).json()
    newer = changed(tmp_path, with_model)
    with pytest.raises(StoreError) as caught:
        thread_runs_mock.create_app(newer, store=location)
    assert str(caught.value) == (
        "2 of the stored resources do not conform to the spec. Use --migrate to add what is missing "
        "(2: Missing required parameter: 'model'.)"
    )
    client = start(spec=newer, store=location, migrate=True)
    assert client.get(f"{THREAD}/runs/{created['id']}").json() == {**created, "model": "small"}
    assert "migrated 2 resources to the spec" in caplog.text
    # The store knows the newer spec now.
    assert start(spec=newer, store=location).get(f"{THREAD}/runs/{created['id']}").json()["model"] == "small"


def test_resources_that_cannot_be_migrated_are_counted(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    tools = [{"type": "function", "function": {"name": "f"}}]
    runs = [run(status, tools=tools if status == "queued" else []) for status in STATUSES]
    thread_runs_mock.create_app(SPEC, runs=runs, store=store).close()

    def with_another_type(document: Any) -> None:
        document["components"]["schemas"]["File"]["properties"]["purpose"] = {"type": "integer"}
        document["components"]["responses"]["File"]["content"]["application/json"].pop("example")

    def without_files(document: Any) -> None:
        document["paths"] = {path: item for path, item in document["paths"].items() if not path.startswith("/files")}

    def with_strict_tools(document: Any) -> None:
        document["components"]["schemas"]["Tool"]["oneOf"][2]["properties"]["function"]["required"] = ["strict"]

    def with_another_status(document: Any) -> None:
        document["components"]["schemas"]["Run"]["properties"]["status"] = {"const": "new"}
        document["components"]["responses"]["Run"]["content"]["application/json"]["example"]["status"] = "new"

    for change, migrate, message in (
        (with_another_type, True, "1 of the stored resources cannot be migrated (1: Invalid type for 'purpose'"),
        (with_another_type, False, "1 of the stored resources do not conform to the spec."),
        (without_files, True, "1 of the stored resources cannot be migrated (1: Missing required parameter: 'crea"),
        (with_strict_tools, True, "1 of the stored resources cannot be migrated (1: Missing required parameter"),
        (with_another_status, True, "5 of the stored resources cannot be migrated (2: Invalid value for 'status': 'qu"),
    ):
        with pytest.raises(StoreError) as caught:
            thread_runs_mock.create_app(changed(tmp_path, change), store=store, migrate=migrate)
        assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("; and 1 more)")
    # A rejected request changes nothing.
    thread_runs_mock.create_app(SPEC, store=store).close()


def test_resources_move_to_a_path_that_has_changed(tmp_path: Path, start: Client) -> None:
    store = tmp_path / "runs.db"
    thread_runs_mock.create_app(SPEC, store=store).close()

    def moved(document: Any) -> None:
        paths = document["paths"]
        document["paths"] = {path.replace("/files", "/documents"): item for path, item in paths.items()}

    path = changed(tmp_path, moved)
    with pytest.raises(StoreError, match="1: its path has changed"):
        thread_runs_mock.create_app(path, store=store)
    client = start(spec=path, store=store, migrate=True)
    assert client.get("/documents/file-Ab3").json()["id"] == "file-Ab3"


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        (1, "x-mock: `x-mock` is an object with `set`, `when` and `otherwise`"),
        ({"put": {}}, "x-mock: `x-mock` is an object with `set`, `when` and `otherwise`"),
        ({"set": []}, "x-mock: `set` is an object of properties of the resource"),
        ({"when": {"state": 1}}, "x-mock: `when`: the resource has no property 'state'"),
        ({"otherwise": 200}, "x-mock: `otherwise` is a status from 400 to 599"),
    ],
)
def test_an_extension_that_cannot_be_followed(extension: Any, message: str, tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["paths"]["/threads/{thread_id}/runs/{run_id}/cancel"]["post"]["x-mock"] = extension

    with pytest.raises(SpecError) as caught:
        thread_runs_mock.create_app(changed(tmp_path, change))
    assert message in str(caught.value)
    assert caught.value.line


def test_an_action_cannot_break_the_schema_of_its_resource(tmp_path: Path, start: Client) -> None:
    def change(document: Any) -> None:
        document["paths"]["/threads/{thread_id}/runs/{run_id}/cancel"]["post"]["x-mock"] = {"set": {"status": "none"}}

    client = start(spec=changed(tmp_path, change))
    response = client.post(f"{THREAD}/runs/run_abc123/cancel")
    assert response.json()["error"]["message"].startswith("Invalid value for 'status': 'none'.")


def test_a_seed_makes_identifiers_and_times_the_same() -> None:
    def played() -> Iterator[Any]:
        with thread_runs_mock.serve(SPEC, seed=7) as server, httpx.Client(base_url=server.base_url) as client:
            response = client.post("/threads", json={})
            yield response.json(), response.headers["x-request-id"]
            server.clock.advance(60)
            yield client.post("/threads", json={}).json()
            yield [(request.time, request.request_id) for request in server.requests]

    first, second = list(played()), list(played())
    assert first == second
    assert first[1]["created_at"] == first[0][0]["created_at"] + 60


def test_tests_can_move_the_clock() -> None:
    with thread_runs_mock.serve(SPEC) as server, httpx.Client(base_url=server.base_url) as client:
        server.clock.set(1_000_000_000)
        assert abs(client.post("/threads", json={}).json()["created_at"] - 1_000_000_000) < 60
        server.clock.stop()
        server.clock.advance(86_400)
        later = [client.post("/threads", json={}).json()["created_at"] for _ in range(2)]
        assert later[0] == later[1]
        assert abs(later[0] - 1_000_086_400) < 60
        server.clock.set(5)
        assert client.post("/threads", json={}).json()["created_at"] == 5


def test_creations_and_deletions_survive_kill_9(
    tmp_path: Path, launch: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    options = ("--spec", str(SPEC), "--store", str(tmp_path / "runs.db"), "--quiet")
    process, url = launch(*options)
    path = f"{url}{THREAD}/messages"
    made = [httpx.post(path, json={"role": "user", "content": str(n)}).json()["id"] for n in range(4)]
    assert httpx.delete(f"{path}/{made[1]}").status_code == 204
    process.kill()
    process.wait()
    _, url = launch(*options)
    page = httpx.get(f"{url}{THREAD}/messages", params={"order": "asc", "limit": 2, "after": made[1]}).json()
    assert [message["id"] for message in page["data"]] == made[2:]


def test_missing_resources_are_made_but_not_missing_collections(start: Client) -> None:
    client = start(spec=SPEC, create_missing=True)
    assert client.get("/threads/new/messages/msg_1").json()["thread_id"] == "new"
    assert ids(client.get("/threads/new/messages")) == ["msg_1"]
    assert client.get("/threads/other/messages").status_code == 404


def test_a_new_identifier_is_not_one_that_exists(tmp_path: Path, start: Client) -> None:
    def change(document: Any) -> None:
        # The same seed gives the same identifiers: the second server meets those of the first.
        document["paths"]["/threads/{thread_id}"].pop("delete")

    spec, store = changed(tmp_path, change), tmp_path / "runs.db"
    first = start(spec=spec, store=store, seed=1).post("/threads", json={}).json()["id"]
    second = start(spec=spec, store=store, seed=1).post("/threads", json={}).json()["id"]
    assert first != second


def test_a_collection_whose_members_have_no_schema(tmp_path: Path, start: Client) -> None:
    def change(document: Any) -> None:
        document["paths"]["/notes/{note_id}"] = {
            "parameters": [{"name": "note_id", "in": "path", "schema": {"type": "integer"}}],
            "delete": {"responses": {"204": {"description": "deleted"}}},
        }

    client = start(spec=changed(tmp_path, change))
    note = client.post("/notes", data={"text": "buy"}).json()
    assert client.delete(f"/notes/{note['id']}").status_code == 204
    assert client.get("/notes").json()["notes"] == []


def without_threads(document: Any) -> None:
    """A document that describes what lies in threads, but not threads."""
    for path in ("/threads", "/threads/{thread_id}"):
        del document["paths"][path]
    for method in ("get", "post"):
        responses = document["paths"]["/threads/{thread_id}/messages"][method]["responses"]
        responses["404"] = {"description": "There is no such thread."}


def test_a_parent_that_is_not_a_resource_exists_once_something_is_stored_in_it(
    location: str | None, tmp_path: Path, start: Client
) -> None:
    client = start(spec=changed(tmp_path, without_threads), store=location)
    path, new = f"{THREAD}/messages", {"role": "user", "content": "hello"}
    for response in (client.get("/threads/none/messages"), client.post("/threads/none/messages", json=new)):
        # The spec of this test declares no body for this 404.
        assert (response.status_code, response.content) == (404, b"")
        assert response.headers["x-mock-error"] == "No thread found with id 'none'."
    made = client.post(path, json=new).json()["id"]
    assert set(ids(client.get(path))) == {"msg_abc123", made}
    # It exists when it is empty, too.
    for message in ("msg_abc123", made):
        assert client.delete(f"{path}/{message}").status_code == 204
    client.delete(f"{THREAD}/runs/run_abc123")
    assert ids(client.get(path)) == []
    assert client.get(f"{path}/{made}").json()["error"]["message"] == f"No message found with id '{made}'."
    assert client.post(path, json=new).status_code == 200


def test_any_parent_that_is_not_a_resource_exists_if_no_404_is_documented(tmp_path: Path, start: Client) -> None:
    client = start(spec=changed(tmp_path, without_threads))
    # The operations on runs document no 404.
    assert ids(client.get("/threads/none/runs")) == []


def test_a_parent_that_is_not_a_resource_need_not_exist_with_create_missing(tmp_path: Path, start: Client) -> None:
    client = start(spec=changed(tmp_path, without_threads), create_missing=True)
    assert ids(client.get("/threads/new/messages")) == []


def test_an_example_is_the_response_only_for_a_resource_that_exists(client: httpx.Client) -> None:
    name = client.get("/files").json()[0]["id"]
    assert client.get(f"/files/{name}/content").text == "line one\n"
    missing = client.get("/files/none/content")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "No file found with id 'none'.")


def test_a_property_with_another_form_in_the_resource_comes_from_the_example(tmp_path: Path, start: Client) -> None:
    def change(document: Any) -> None:
        content = document["components"]["schemas"]["Message"]["properties"]["content"]
        content.update(type="array", items={"type": "string"}, examples=[["hi"]])
        listed = document["paths"]["/threads/{thread_id}/messages"]["get"]["responses"][200]
        listed["content"]["application/json"]["example"]["data"][0]["content"] = ["hi"]

    client = start(spec=changed(tmp_path, change))
    made = client.post(f"{THREAD}/messages", json={"role": "user", "content": "hello"})
    assert (made.status_code, made.json()["content"]) == (200, ["hi"])
