import { batch, computed, signal, type Signal } from '@preact/signals';
import { emptyAnswer, streamAnswer, type Answer, type Token } from '../api/chat';
import { failureFrom, isAbort, type Failure } from '../api/client';
import type { AnswerRequest } from '../api/types';
import { pack, unpack } from '../text/tokens';
import { addMessage, pathTo, requestMessages, setLane, tipOf, titleFrom, updateMessage, type Conversation, type Stats } from './conversation';
import { keyWanted } from './key';
import { everyFrame, Meter, setLive, type Live } from './live';
import { modelById, supports } from './models';
import { requestFields } from './sampling';
import { settings } from './settings';
import { change, setBusy } from './store';

interface Run {
  conversation: string;
  message: string;
  controller: AbortController;
}

const runs = signal<Run[]>([]);
export const isRunning = (conversation: string): boolean => runs.value.some((r) => r.conversation === conversation);
export const anyRunning = computed(() => runs.value.length > 0);
setBusy((id) => runs.peek().some((r) => r.conversation === id));

type Target = Signal<Conversation>;

/** Sends a question down every lane. Lanes that stand on the same message share the question. */
export function send(target: Target, text: string): void {
  const asked = new Map<string | null, string>();
  change(target, (before) => {
    let c = before;
    before.lanes.forEach((lane, i) => {
      let id = asked.get(lane.leaf);
      if (id === undefined) {
        [c, id] = addMessage(c, lane.leaf, { role: 'user', content: text });
        asked.set(lane.leaf, id);
      }
      c = setLane(c, i, { leaf: id });
    });
    return c.title ? c : { ...c, title: titleFrom(text) };
  });
  target.peek().lanes.forEach((_, i) => answer(target, i));
}

/** Puts a new version of a question beside the old one and answers it. */
export function edit(target: Target, lane: number, id: string, text: string): void {
  change(target, (c) => {
    const [next, fresh] = addMessage(c, c.messages[id]?.parent ?? null, { role: 'user', content: text });
    return setLane(next, lane, { leaf: fresh });
  });
  answer(target, lane);
}

/** Gives a tool's result to the model that asked for it. */
export function sendToolResult(target: Target, lane: number, id: string, toolCallId: string, text: string): void {
  change(target, (c) => {
    const [next, fresh] = addMessage(c, tipOf(c, id), { role: 'tool', content: text, toolCallId });
    return setLane(next, lane, { leaf: fresh });
  });
  const c = target.peek();
  const calls = c.messages[id]?.toolCalls?.length ?? 1;
  const results = pathTo(c, c.lanes[lane]!.leaf).reverse().findIndex((m) => m.role !== 'tool');
  if (results >= calls) answer(target, lane);
}

/** Another version of an answer, by the lane's model. */
export function regenerate(target: Target, lane: number, id: string): void {
  change(target, (c) => setLane(c, lane, { leaf: c.messages[id]?.parent ?? null }));
  answer(target, lane);
}

/** Writes a new answer below the lane's last message. */
export function answer(target: Target, lane: number): void {
  let id = '';
  change(target, (c) => {
    const { model, leaf } = c.lanes[lane]!;
    const [next, fresh] = addMessage(c, leaf, { role: 'assistant', content: '', model });
    id = fresh;
    return setLane(next, lane, { leaf: fresh });
  });
  void run(target, lane, id, emptyAnswer());
}

/** The same question to the same message again, which failed before it had any text. */
export function retry(target: Target, lane: number, id: string): void {
  const message = target.peek().messages[id];
  if (!message) return;
  if (message.content) return resume(target, lane, id);
  change(target, (c) => updateMessage(c, id, { error: undefined, finish: undefined, stats: undefined, tokens: undefined, reasoning: undefined, toolCalls: undefined }));
  void run(target, lane, id, emptyAnswer());
}

/** Goes on where an answer ended. */
export function resume(target: Target, lane: number, id: string): void {
  const message = target.peek().messages[id];
  if (!message) return;
  const start = emptyAnswer();
  start.content = message.content;
  start.reasoning = message.reasoning ?? '';
  start.tokens = unpack(message.tokens);
  change(target, (c) => updateMessage(c, id, { error: undefined, finish: undefined }));
  void run(target, lane, id, start);
}

/** A new version of an answer that keeps its beginning and takes another token there. */
export function branchAtToken(target: Target, lane: number, id: string, prefix: string, kept: Token[], taken: Token): void {
  let fresh = '';
  const start = emptyAnswer();
  start.content = prefix + taken.text;
  start.tokens = [...kept, taken];
  change(target, (c) => {
    const message = c.messages[id]!;
    const [next, made] = addMessage(c, message.parent, { role: 'assistant', content: start.content, model: c.lanes[lane]!.model, tokens: pack(start.tokens) });
    fresh = made;
    return setLane(next, lane, { leaf: made });
  });
  void run(target, lane, fresh, start);
}

export function stop(conversation: string, message?: string): void {
  for (const r of runs.peek()) if (r.conversation === conversation && (message === undefined || r.message === message)) r.controller.abort();
}

function requestOf(c: Conversation, id: string, start: Answer): AnswerRequest {
  const message = c.messages[id]!;
  const messages = requestMessages(pathTo(c, message.parent), c.system);
  const model = message.model ?? '';
  const probabilities = settings.peek().probabilities;
  // A model that was never taught to chat goes on with the text itself.
  if (!supports(modelById(model), 'chat')) {
    const prompt = messages.map((m) => `${m.content ?? ''}\n\n`).join('').slice(0, start.content ? undefined : -2) + start.content;
    return { model, prompt, ...requestFields(c.sampling), ...(probabilities ? { logprobs: 5 } : {}) };
  }
  const body: AnswerRequest = { model, messages, ...requestFields(c.sampling), ...(probabilities ? { logprobs: true, top_logprobs: 5 } : {}) };
  // An answer that is gone on with stands last; these names are those that vLLM has for it.
  if (start.content) {
    messages.push({ role: 'assistant', content: start.content });
    Object.assign(body, { continue_final_message: true, add_generation_prompt: false });
  }
  return body;
}

async function run(target: Target, lane: number, id: string, growing: Answer): Promise<void> {
  const conversation = target.peek().id;
  const controller = new AbortController();
  const begun = performance.now();
  const already = growing.tokens.length;
  const meter = new Meter();
  let first: number | undefined;
  let last = begun;
  const live = signal<Live>(shown(growing, 0));
  const keep = (more: object) => change(target, (c) => updateMessage(c, id, { ...kept(growing), ...more }));

  batch(() => {
    setLive(id, live);
    runs.value = [...runs.peek(), { conversation, message: id, controller }];
  });
  let rate = 0;
  let savedAt = begun;
  const draw = everyFrame(() => (live.value = shown(growing, rate)));
  let failure: Failure | undefined;
  let stopped = false;
  let leaving = false;
  const keepNow = () => {
    leaving = true;
    keep({});
  };
  // A page that goes away breaks its streams off between these two; the store's own listener, which writes, comes after both.
  for (const event of ['beforeunload', 'pagehide']) addEventListener(event, keepNow, { capture: true });
  try {
    await streamAnswer(requestOf(target.peek(), id, growing), growing, controller.signal, () => {
      last = performance.now();
      first ??= last - begun;
      rate = meter.add(last, growing.count);
      draw();
      // The text so far is kept, should the page go away.
      if (last - savedAt > 1500) {
        savedAt = last;
        keep({});
      }
    });
  } catch (error) {
    if (isAbort(error)) stopped = true;
    else failure = failureFrom(error);
  }
  // That is no failure of the server's.
  if (leaving) failure = undefined;
  for (const event of ['beforeunload', 'pagehide']) removeEventListener(event, keepNow, { capture: true });
  const stats = statsOf(growing, already, first, last - begun);
  batch(() => {
    keep({ tokens: pack(growing.tokens), stats, error: failure, finish: failure ? 'error' : stopped ? 'aborted' : (growing.finish ?? (leaving ? undefined : 'stop')) });
    runs.value = runs.peek().filter((r) => r.controller !== controller);
    setLive(id, null);
  });
  if (failure?.kind === 'unauthorized') keyWanted.value = { again: () => retry(target, lane, id) };
}

const kept = (a: Answer) => ({
  content: a.content,
  reasoning: a.reasoning || undefined,
  toolCalls: a.toolCalls.length > 0 ? a.toolCalls.map((c) => ({ ...c })) : undefined,
});

const shown = (a: Answer, rate: number): Live => ({
  content: a.content, reasoning: a.reasoning, toolCalls: a.toolCalls.map((c) => ({ ...c })), tokens: a.tokens, count: a.count, rate,
});

/** The server's own figures where it gives them, else what was seen here. */
export function statsOf(a: Answer, already: number, first: number | undefined, total: number): Stats | undefined {
  const made = Math.max(a.tokens.length - already, a.count);
  if (made === 0 && !a.usage) return undefined;
  const tokens = a.usage?.completion_tokens ?? made;
  const span = total - (first ?? total);
  const stats: Stats = { tokens };
  const speed = a.timings?.generated_tokens_per_second ?? (span > 100 && made > 1 ? ((made - 1) * 1000) / span : undefined);
  if (speed !== undefined) stats.tokensPerSecond = speed;
  if (a.usage?.prompt_tokens !== undefined) stats.promptTokens = a.usage.prompt_tokens;
  if (a.usage?.prompt_tokens_details?.cached_tokens !== undefined) stats.cachedTokens = a.usage.prompt_tokens_details.cached_tokens;
  const delay = a.timings?.time_to_first_token_ms ?? first;
  if (delay !== undefined) stats.firstToken = delay;
  if (a.timings?.queue_ms !== undefined) stats.queue = a.timings.queue_ms;
  return stats;
}
