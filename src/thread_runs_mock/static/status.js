// Shows what GET /_mock/status.json returns, and asks again every two seconds while the page is visible.
// Everything that a client sent is inserted as text, never as markup.

const INTERVAL = 2000;
const $ = (id) => document.getElementById(id);
let state = null;
let shown = "";

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function tone(status) {
  if (typeof status === "number") return status === 0 || status >= 500 ? "bad" : status >= 400 ? "open" : "good";
  return { completed: "good", failed: "bad", expired: "bad", cancelled: "open", incomplete: "open" }[status] ?? "";
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Replaces the rows of a list, but keeps those that are open as they are: somebody may be reading them.
function showRows(list, items, keyOf, make, empty) {
  const old = new Map([...list.children].map((row) => [row.dataset.key, row]));
  const focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  const rows = items.map((item) => {
    const key = keyOf(item), version = JSON.stringify(item), known = old.get(key);
    if (known && known.dataset.version === version) return known;
    const row = make(item);
    row.dataset.key = key;
    row.dataset.version = version;
    row.open = known?.open ?? false;
    return row;
  });
  list.replaceChildren(...(rows.length ? rows : [element("p", { textContent: empty })]));
  if (focused && !document.activeElement.closest("[data-key]")) {
    list.querySelector(`[data-key="${CSS.escape(focused)}"] summary`)?.focus({ preventScroll: true });
  }
}

// A path that may break after a slash.
function path(text) {
  const parts = text.split("/").flatMap((part, index) => (index ? ["/", element("wbr"), part] : [part]));
  return element("span", { className: "name" }, ...parts);
}

function pairs(values) {
  const made = element("span", { className: "pairs" });
  for (const [name, value] of Object.entries(values ?? {})) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    made.append(element("span", { className: "pair" }, element("b", { textContent: name }), ` ${text}`));
  }
  return made;
}

function resourceRow({ key, body }) {
  const status = typeof body.status === "string" ? body.status : "";
  return element("details", {},
    element("summary", {},
      path(key),
      element("span", { className: `status ${tone(status)}`, textContent: status }),
      pairs(body.metadata)),
    element("div", { className: "detail" },
      element("pre", { className: "wide", textContent: JSON.stringify(body, null, 2) })));
}

function showResources() {
  const wanted = $("resources-filter").value.toLowerCase();
  const found = state.resources.filter((item) => JSON.stringify(item).toLowerCase().includes(wanted));
  const total = state.store.count.toLocaleString("en");
  setText($("resources-count"), `${found.length} of ${total}`);
  showRows($("resources"), found, (item) => item.key, resourceRow,
    state.resources.length ? "No stored resource matches the filter." : "Nothing is stored.");
}

const NOT_REPEATED = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent", "accept"]);

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(request) {
  const query = request.query ? `?${request.query}` : "";
  const parts = [`curl -X ${request.method} ${quoted(location.origin + request.path + query)}`];
  if (request.operation) parts.push(`-H "Authorization: Bearer $OPENAI_API_KEY"`);
  for (const [name, value] of Object.entries(request.headers)) {
    if (!NOT_REPEATED.has(name)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (request.body) parts.push(`--data-binary ${quoted(request.body)}`);
  return parts.join(" \\\n  ");
}

function rejection(request) {
  if (request.status > 0 && request.status < 400) return "";
  if (request.fault) return `The fault ${request.fault} was applied.`;
  try {
    const { message, param } = JSON.parse(request.response).error;
    return param ? `${message} (param: ${param})` : message;
  } catch { return ""; }
}

function copyButton(text) {
  const button = element("button", { type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}

function requestName({ path: sent, fault }, query) {
  const name = path(sent + query);
  if (fault) name.append(element("span", { className: "tag", textContent: `fault: ${fault}` }));
  return name;
}

function requestRow(request) {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  const query = request.query ? `?${request.query}` : "";
  const reason = rejection(request);
  const detail = element("div", { className: "detail" });
  if (reason) detail.append(element("p", { className: "reason wide", textContent: reason }));
  detail.append(
    element("div", {}, element("h3", { textContent: "Request" }),
      element("pre", { textContent: `${request.method} ${request.path}${query}\n${headers}\n\n${pretty(request.body)}` })),
    element("div", {}, element("h3", { textContent: "Response" }),
      element("pre", { textContent: `${request.status || "no response"}\nx-request-id: ${request.request_id}\n\n${pretty(request.response)}` })),
    element("div", { className: "wide" }, element("h3", { textContent: "Repeat it" }),
      element("div", { className: "command" }, element("pre", { textContent: curl(request) }), copyButton(curl(request)))));
  return element("details", {},
    element("summary", {},
      element("span", { className: `status ${tone(request.status)}`, textContent: request.status || "none" }),
      element("span", { textContent: request.method }),
      requestName(request, query),
      element("span", { className: "duration", textContent: `${request.milliseconds.toFixed(1)} ms` }),
      element("span", { className: "time", textContent: new Date(request.time).toLocaleTimeString("en-GB") })),
    detail);
}

function showRequests() {
  const wanted = $("requests-filter").value.toLowerCase();
  const status = $("requests-status").value;
  const found = state.requests.filter((request) =>
    (!status || String(request.status)[0] === status) &&
    `${request.path}?${request.query} ${request.body}`.toLowerCase().includes(wanted));
  setText($("requests-count"), `${found.length} of the last ${state.requests.length}`);
  showRows($("requests"), found, (request) => request.request_id, requestRow,
    state.requests.length ? "No request matches the filter." : "No requests yet.");
}

function fill(select, options) {
  if (select.options.length === options.length) return;
  select.replaceChildren(...options.map(([value, text]) => element("option", { value, textContent: text })));
}

function showScript() {
  fill($("script-response"), state.script.documented.map((each) =>
    [JSON.stringify(each), [each.code, each.example].filter(Boolean).join(" ")]));
  $("script").replaceChildren(...state.script.steps.map(({ response, times }) =>
    element("li", { textContent: times > 1 ? `${response}, ${times} times` : response })));
}

function rateText({ name, share, value }) {
  return `${name}=${share}${value === null ? "" : `:${value}`}`;
}

function showFaults() {
  const { known, rates } = state.faults;
  fill($("faults-name"), known.map(({ name }) => [name, name]));
  const chosen = known.find(({ name }) => name === $("faults-name").value);
  setText($("faults-summary"), chosen ? chosen.summary : "");
  $("faults-toggle").textContent = rates === null ? "Turn on" : "Turn off";
  $("faults-toggle").setAttribute("aria-pressed", String(rates !== null));
  $("faults").replaceChildren(...(rates ?? []).map((rate) => {
    const remove = element("button", { type: "button", textContent: "Remove" });
    remove.setAttribute("aria-label", `Remove ${rate.name}`);
    remove.addEventListener("click", () => setRates(rates.filter((other) => other !== rate)));
    return element("li", {}, `${rate.name}: ${+(rate.share * 100).toFixed(4)} % of requests `, remove);
  }));
}

function facts() {
  const { settings, store, base_path, version, started, not_simulated } = state;
  return {
    "Base URL": location.origin + base_path,
    "Spec version": version,
    "Store": `${store.name}, ${store.count.toLocaleString("en")} stored`,
    ...settings,
    "Running since": new Date(started).toLocaleString("en-GB"),
    "Not simulated": not_simulated.join(", ") || "none",
    "Scripted responses": state.script.steps.length ? String(state.script.steps.length) : "none",
    "Faults": state.faults.rates === null ? "off" : state.faults.rates.map(rateText).join(", ") || "on request only",
  };
}

function show() {
  document.title = `${state.title} mock`;
  setText($("title"), `${state.title} mock`);
  $("facts").replaceChildren(...Object.entries(facts()).map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
  showResources();
  showRequests();
  showScript();
  showFaults();
}

async function refresh() {
  try {
    const response = await fetch("/_mock/status.json");
    const text = await response.text();
    if (!response.ok) throw new Error(JSON.parse(text).error.message);
    setText($("connection"), "Live: updates every two seconds.");
    document.querySelector("header").classList.remove("lost");
    if (text === shown) return;
    state = JSON.parse(text);
    shown = text;
    show();
  } catch (error) {
    setText($("connection"), `Not connected: ${error.message}`);
    document.querySelector("header").classList.add("lost");
  }
}

async function change(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  $("problem").hidden = response.ok;
  if (!response.ok) $("problem").textContent = (await response.json()).error.message;
  await refresh();
}

function setRates(rates) {
  return change("PUT", "/_mock/faults", { rates: rates.map(rateText).join(",") });
}

$("resources-filter").addEventListener("input", showResources);
$("requests-filter").addEventListener("input", showRequests);
$("requests-status").addEventListener("change", showRequests);
$("requests-clear").addEventListener("click", () => change("DELETE", "/_mock/requests"));
$("script-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { code, example } = JSON.parse($("script-response").value);
  change("POST", "/_mock/script", { code, ...(example && { example }), times: $("script-times").valueAsNumber });
});
$("script-clear").addEventListener("click", () => change("DELETE", "/_mock/script"));
$("faults-name").addEventListener("change", showFaults);
$("faults-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const added = { name: $("faults-name").value, share: $("faults-share").valueAsNumber / 100, value: $("faults-value").value || null };
  setRates([...(state.faults.rates ?? []).filter(({ name }) => name !== added.name), added]);
});
$("faults-toggle").addEventListener("click", () =>
  state.faults.rates === null ? setRates([]) : change("DELETE", "/_mock/faults"));
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
setInterval(() => { if (!document.hidden) refresh(); }, INTERVAL);
refresh();
