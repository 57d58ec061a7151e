import { afterEach, describe, expect, it, vi } from 'vitest';
import { addChunk, emptyAnswer, parseChunk, streamAnswer } from '../src/api/chat';
import { ApiError } from '../src/api/client';

const body = { model: 'm', messages: [] };
const respond = (text: string, init: ResponseInit = {}) => vi.stubGlobal('fetch', vi.fn(async () => new Response(text, init)));
const run = async () => {
  const answer = emptyAnswer();
  const failure = await streamAnswer(body, answer, new AbortController().signal, () => {}).then(() => null, (e) => (e as ApiError).failure);
  return { answer, failure };
};
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;

afterEach(() => vi.unstubAllGlobals());

describe('addChunk', () => {
  it('joins the parts of tool calls', () => {
    const answer = emptyAnswer();
    addChunk(answer, { choices: [{ delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }] } }] });
    addChunk(answer, { choices: [{ delta: { tool_calls: [{ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }, { index: 0, function: { arguments: ':1}' } }] } }] });
    expect(answer.toolCalls).toEqual([{ id: 'a', name: 'f', arguments: '{"x":1}' }, { id: 'b', name: 'g', arguments: '{}' }]);
  });

  it('counts tokens by their log-probabilities, and chunks where there are none', () => {
    const answer = emptyAnswer();
    addChunk(answer, { choices: [{ delta: { role: 'assistant', content: '' } }] });
    expect(answer.count).toBe(0);
    const token = { token: 'a', logprob: -0.1, top_logprobs: [] };
    addChunk(answer, { choices: [{ delta: { content: 'aaa' }, logprobs: { content: [token, token, token] } }] });
    addChunk(answer, { choices: [{ delta: { content: 'b' } }] });
    expect(answer.count).toBe(4);
    expect(answer.tokens).toHaveLength(3);
  });

  it('reads the older form of /v1/completions', () => {
    const answer = emptyAnswer();
    addChunk(answer, { choices: [{ text: ' a b', logprobs: { tokens: [' a', ' b'], token_logprobs: [null, -0.5], top_logprobs: [null, { ' b': -0.5, ' c': -1 }] } }] });
    expect(answer).toMatchObject({ content: ' a b', count: 2 });
    expect(answer.tokens[1]).toEqual({ text: ' b', logprob: -0.5, top: [{ text: ' b', logprob: -0.5 }, { text: ' c', logprob: -1 }] });
  });

  it('shows the bytes of a token that is part of a character', () => {
    const answer = emptyAnswer();
    addChunk(answer, { choices: [{ delta: { content: '' }, logprobs: { content: [{ token: '\uFFFD', logprob: -1, bytes: [0xe5, 0x95] }] } }] });
    expect(answer.tokens[0]!.text).toBe('<E5><95>');
  });
});

describe('streamAnswer', () => {
  it('gathers text, finish reason, usage and timings', async () => {
    respond(`${delta('Hel')}${delta('lo')}data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\ndata: {"choices":[],"usage":{"completion_tokens":2},"timings":{"queue_ms":3}}\n\ndata: [DONE]\n\n`);
    const { answer, failure } = await run();
    expect(failure).toBeNull();
    expect(answer).toMatchObject({ content: 'Hello', finish: 'length', usage: { completion_tokens: 2 }, timings: { queue_ms: 3 } });
  });

  it('passes over a broken line', async () => {
    respond(`${delta('a')}data: {"choices":[{"del\n\n${delta('b')}data: [DONE]\n\n`);
    expect((await run()).answer.content).toBe('ab');
    expect(parseChunk('{')).toBeNull();
    expect(parseChunk('7')).toBeNull();
  });

  it('keeps what came before the stream ended early', async () => {
    respond(delta('half'));
    const { answer, failure } = await run();
    expect(answer.content).toBe('half');
    expect(failure?.kind).toBe('broken');
  });

  it('reports an error inside the stream', async () => {
    respond(`${delta('x')}data: {"error":{"message":"out of memory","code":"oom"}}\n\n`);
    const { answer, failure } = await run();
    expect(answer.content).toBe('x');
    expect(failure).toMatchObject({ kind: 'server', message: 'out of memory', code: 'oom' });
  });

  it.each([
    [401, 'unauthorized'], [429, 'busy'], [400, 'server'], [503, 'server'],
  ])('tells status %i as %s', async (status, kind) => {
    respond(JSON.stringify({ error: { message: 'why', code: 'c' } }), { status, headers: { 'Retry-After': '7' } });
    expect((await run()).failure).toMatchObject({ kind, status, message: 'why', code: 'c', retryAfter: 7 });
  });

  it('shows an error that is no JSON as it is', async () => {
    respond('<h1>Bad gateway</h1>', { status: 502 });
    expect((await run()).failure).toMatchObject({ kind: 'server', message: '<h1>Bad gateway</h1>' });
  });

  it('tells a server that is away as network', async () => {
    vi.stubGlobal('fetch', vi.fn(async () => Promise.reject(new TypeError('Failed to fetch'))));
    expect((await run()).failure?.kind).toBe('network');
  });
});
