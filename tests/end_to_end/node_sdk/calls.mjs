// Makes calls with one major version of the vendor's SDK and prints their outcomes as JSON.
//
// node calls.mjs MAJOR < calls.json
// calls.json: {"baseURL": "http://127.0.0.1:4010/v1", "calls": [
//   {"apiKey": "sk-test", "threadId": "t", "runId": "r", "metadata": {}, "headers": {}, "maxRetries": 0}]}
import { text } from 'node:stream/consumers';

const major = Number(process.argv[2]);
const { default: OpenAI } = await import(`openai-${major}`);
const { baseURL, calls } = JSON.parse(await text(process.stdin));

const outcomes = [];
for (const { apiKey, threadId, runId, metadata, headers, maxRetries } of calls) {
  const client = new OpenAI({ apiKey, baseURL, maxRetries });
  const runs = client.beta.threads.runs;
  const options = { headers };
  // The first argument was the thread until version 5.
  const call =
    major < 5
      ? runs.update(threadId, runId, { metadata }, options)
      : runs.update(runId, { thread_id: threadId, metadata }, options);
  try {
    const { data, request_id: requestId } = await call.withResponse();
    outcomes.push({ run: data, requestId });
  } catch (error) {
    const kind = Object.entries(OpenAI).find(([, value]) => value === error.constructor);
    const { status, code, type, param } = error;
    outcomes.push({ error: kind?.[0] ?? error.constructor.name, status, code, type, param, body: error.error });
  }
}
console.log(JSON.stringify(outcomes));
