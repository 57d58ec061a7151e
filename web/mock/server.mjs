/**
 * A stand-in for Caravan's server that speaks its HTTP contract: for building the page and for its end-to-end tests.
 *   node mock/server.mjs [--port 8787] [--key KEY] [--delay MS] [--root FOLDER]
 * Words in the question choose what happens: see chat() here and answerTo() in text.mjs.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { models } from './models.mjs';
import { answerTo, logprobsOf, tokensOf } from './text.mjs';

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function startMock({ port = 0, key = null, delay = 12, root = fileURLToPath(new URL('../../src/Caravan.Server/wwwroot', import.meta.url)) } = {}) {
  const state = { key, delay, root, running: 0, started: Date.now(), produced: [], requests: [], turns: new Map(), refusals: 0 };
  const server = createServer((request, response) => handle(state, request, response).catch((error) => {
    if (!response.headersSent) fail(response, 500, 'server_error', null, String(error));
    else response.destroy();
  }));
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({ server, state, url: `http://127.0.0.1:${server.address().port}/` })));
}

async function handle(state, request, response) {
  const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
  if (!path.startsWith('/v1/')) return path === '/health' ? json(response, { status: 'ok' }) : file(state, path, response);
  if (state.key && request.headers.authorization !== `Bearer ${state.key}`) return fail(response, 401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.');
  if (path === '/v1/models') return json(response, { object: 'list', data: models });
  if (path.startsWith('/v1/models/')) {
    const found = models.find((m) => m.id === path.slice('/v1/models/'.length));
    return found ? json(response, found) : fail(response, 404, 'invalid_request_error', 'model_not_found', 'The model does not exist.');
  }
  if (path === '/v1/status') return json(response, status(state));
  if (path === '/v1/chat/completions' && request.method === 'POST') return chat(state, request, response);
  if (path === '/v1/completions' && request.method === 'POST') return complete(state, request, response);
  return fail(response, 404, 'invalid_request_error', null, `Unknown path ${path}`);
}

async function file(state, path, response) {
  const name = normalize(path === '/' ? 'index.html' : path.slice(1));
  try {
    if (name.startsWith('..')) throw new Error('outside');
    const bytes = await readFile(join(state.root, name));
    response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' });
    response.end(bytes);
  } catch {
    fail(response, 404, 'invalid_request_error', null, 'Not found');
  }
}

function json(response, value, code = 200, headers = {}) {
  response.writeHead(code, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

const fail = (response, status, type, code, message, headers) => json(response, { error: { message, type, param: null, code } }, status, headers);

function status(state) {
  const now = Date.now();
  state.produced = state.produced.filter((t) => t > now - 1000);
  const busy = { running: state.running, waiting: 0, pages_used: 40 + state.running * 12, pages_total: 512, cached_pages: 96, batch_tokens: state.running, tokens_per_second: state.produced.length, preemptions: 0 };
  const idle = { running: 0, waiting: 0, pages_used: 0, pages_total: 256, cached_pages: 12, batch_tokens: 0, tokens_per_second: 0, preemptions: 0 };
  return { models: models.filter((m) => m.caravan.loaded).map((m, i) => ({ id: m.id, ...(i === 0 ? busy : idle) })), uptime_s: (now - state.started) / 1000 + 5025 };
}

async function readBody(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function chat(state, request, response) {
  let body;
  try {
    body = JSON.parse(await readBody(request));
  } catch {
    return fail(response, 400, 'invalid_request_error', null, 'The body is not JSON.');
  }
  state.requests.push(body);
  if (!models.some((m) => m.id === body.model)) return fail(response, 404, 'invalid_request_error', 'model_not_found', `The model ${body.model} does not exist.`);
  const asked = body.messages.findLast((m) => m.role === 'user')?.content ?? '';
  const lastMessage = body.messages[body.messages.length - 1];
  // 'busy': the queue is full the first time, and has room when asked again.
  if (asked.includes('busy') && state.refusals++ % 2 === 0) return fail(response, 429, 'rate_limit_error', 'queue_full', 'The queue is full.', { 'Retry-After': '3' });
  if (asked.includes('refuse')) return fail(response, 400, 'invalid_request_error', 'context_length_exceeded', 'The prompt has 9000 tokens; the model takes 8192.');
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  const base = { id: `chatcmpl-${state.requests.length}`, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1000), model: body.model };
  const write = (choice, more = {}) => response.write(`data: ${JSON.stringify({ ...base, choices: choice ? [{ index: 0, finish_reason: null, ...choice }] : [], ...more })}\n\n`);
  state.running++;
  let gone = false;
  response.on('close', () => (gone = true));
  const began = performance.now();
  try {
    write({ delta: { role: 'assistant', content: '' } });
    if (asked.includes('tool') && body.tools?.length && lastMessage.role === 'user') {
      const call = { index: 0, id: 'call_1', type: 'function', function: { name: body.tools[0].function?.name ?? 'tool', arguments: '' } };
      write({ delta: { tool_calls: [call] } });
      for (const part of ['{"city":', '"Timbuktu",', '"days":3}']) write({ delta: { tool_calls: [{ index: 0, function: { arguments: part } }] } });
      write({ delta: {}, finish_reason: 'tool_calls' });
      return void response.end('data: [DONE]\n\n');
    }
    const system = body.messages.find((m) => m.role === 'system')?.content;
    const turn = state.turns.get(asked) ?? 0;
    state.turns.set(asked, turn + 1);
    let text = lastMessage.role === 'tool' ? `The tool says: ${lastMessage.content}` : answerTo(asked, body.model, turn, system);
    if (lastMessage.role === 'assistant') text = text.startsWith(lastMessage.content) ? text.slice(lastMessage.content.length) : ' and so the caravan went on by another road.';
    const tokens = tokensOf(text);
    const limit = Math.min(tokens.length, body.max_tokens ?? Infinity);
    const pace = asked.includes('slow') ? 60 : state.delay;
    await wait(asked.includes('wait') ? 1500 : 40);
    let first = 0;
    for (let i = 0; i < limit && !gone; i++) {
      if (asked.includes('break') && i === 6) return void response.destroy();
      if (asked.includes('garbage') && i === 3) response.write('data: {"choices":[{"del\n\n: a comment\n\n');
      first ||= performance.now() - began;
      state.produced.push(Date.now());
      const choice = { delta: { content: tokens[i] } };
      if (body.logprobs) choice.logprobs = { content: [logprobsOf(tokens[i], i)] };
      write(choice);
      await wait(pace);
    }
    if (gone) return;
    write({ delta: {}, finish_reason: limit < tokens.length ? 'length' : 'stop' });
    const total = performance.now() - began;
    const prompt = Math.round(JSON.stringify(body.messages).length / 4);
    write(null, {
      usage: { prompt_tokens: prompt, completion_tokens: limit, total_tokens: prompt + limit, prompt_tokens_details: { cached_tokens: Math.floor(prompt / 2) } },
      timings: { queue_ms: 1.5, prompt_ms: first, prompt_tokens_per_second: prompt / (first / 1000), generated_tokens_per_second: limit / ((total - first) / 1000), time_to_first_token_ms: first },
    });
    response.end('data: [DONE]\n\n');
  } finally {
    state.running--;
  }
}

async function complete(state, request, response) {
  const body = JSON.parse(await readBody(request));
  state.requests.push(body);
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const [i, text] of tokensOf(' and the caravan went on, from well to well, until the walls of the city rose from the sand.').entries()) {
    const { logprob, top_logprobs } = logprobsOf(text, i);
    const logprobs = { tokens: [text], token_logprobs: [logprob], top_logprobs: [Object.fromEntries(top_logprobs.map((t) => [t.token, t.logprob]))] };
    response.write(`data: ${JSON.stringify({ object: 'text_completion', choices: [{ index: 0, text, logprobs: body.logprobs ? logprobs : null, finish_reason: null }] })}\n\n`);
    await wait(state.delay);
  }
  response.end(`data: ${JSON.stringify({ choices: [{ index: 0, text: '', finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
  const { url } = await startMock({ port: Number(option('--port') ?? 8787), key: option('--key') ?? null, delay: Number(option('--delay') ?? 12), root: option('--root') });
  console.log(`The stand-in listens on ${url}`);
}
