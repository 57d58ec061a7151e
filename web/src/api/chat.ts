import { ApiError, isAbort, request } from './client';
import { readEvents } from './sse';
import type { AnswerRequest, ChatChunk, CompletionLogprobs, LogprobEntry, Timings, ToolCallDelta, Usage } from './types';

export interface Choice {
  text: string;
  logprob: number;
}

/** A token that was chosen and what it was chosen from, most probable first. */
export interface Token extends Choice {
  top: Choice[];
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** An answer as far as it has come. */
export interface Answer {
  content: string;
  reasoning: string;
  toolCalls: ToolCall[];
  tokens: Token[];
  /** Tokens so far: exact where the server sends log-probabilities, else one for each chunk. */
  count: number;
  finish: string | null;
  usage: Usage | null;
  timings: Timings | null;
}

export const emptyAnswer = (): Answer => ({
  content: '', reasoning: '', toolCalls: [], tokens: [], count: 0, finish: null, usage: null, timings: null,
});

/** Adds one chunk to an answer; true where the chunk brought text, a tool call or tokens. */
export function addChunk(answer: Answer, chunk: ChatChunk): boolean {
  if (chunk.usage) answer.usage = chunk.usage;
  if (chunk.timings) answer.timings = chunk.timings;
  const choice = chunk.choices?.[0];
  if (!choice) return false;
  const delta = choice.delta ?? { content: choice.text };
  if (delta.content) answer.content += delta.content;
  if (delta.reasoning_content) answer.reasoning += delta.reasoning_content;
  for (const call of delta.tool_calls ?? []) addToolCall(answer.toolCalls, call);
  const tokens = tokensOf(choice.logprobs);
  answer.tokens.push(...tokens);
  if (choice.finish_reason) answer.finish = choice.finish_reason;
  const grew = !!(delta.content || delta.reasoning_content || delta.tool_calls?.length || tokens.length);
  if (grew) answer.count += tokens.length || 1;
  return grew;
}

function addToolCall(calls: ToolCall[], delta: ToolCallDelta): void {
  const index = delta.index ?? calls.length;
  while (calls.length <= index) calls.push({ id: '', name: '', arguments: '' });
  const call = calls[index]!;
  if (delta.id) call.id = delta.id;
  call.name += delta.function?.name ?? '';
  call.arguments += delta.function?.arguments ?? '';
}

/** A token that is only part of a character has no text of its own; its bytes are shown. */
function textOf(token: string, bytes?: number[] | null): string {
  if (!token.includes('\uFFFD') || !bytes?.length) return token;
  return bytes.map((b) => `<${b.toString(16).toUpperCase().padStart(2, '0')}>`).join('');
}

function tokensOf(logprobs: NonNullable<ChatChunk['choices']>[number]['logprobs']): Token[] {
  if (!logprobs) return [];
  if ('tokens' in logprobs) return logprobs.tokens.map((text, i) => oldTokenOf(logprobs, text, i));
  return (logprobs.content ?? []).map(tokenOf);
}

const oldTokenOf = (logprobs: CompletionLogprobs, text: string, i: number): Token => ({
  text,
  logprob: logprobs.token_logprobs[i] ?? 0,
  top: Object.entries(logprobs.top_logprobs?.[i] ?? {}).map(([other, logprob]) => ({ text: other, logprob })),
});

const tokenOf = (entry: LogprobEntry): Token => ({
  text: textOf(entry.token, entry.bytes),
  logprob: entry.logprob,
  top: (entry.top_logprobs ?? []).map((t) => ({ text: textOf(t.token, t.bytes), logprob: t.logprob })),
});

/**
 * Streams an answer: calls `onGrow` after each chunk that brought something. Returns normally at the end of the stream,
 * throws ApiError where the server refuses or breaks off, and AbortError where `signal` was raised; the answer keeps what had come.
 */
export async function streamAnswer(body: AnswerRequest, answer: Answer, signal: AbortSignal, onGrow: () => void): Promise<void> {
  const response = await request('messages' in body ? 'v1/chat/completions' : 'v1/completions', {
    method: 'POST',
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.body) throw new ApiError({ kind: 'broken', message: 'empty response' });
  let done = false;
  try {
    for await (const data of readEvents(response.body)) {
      if (data === '[DONE]') {
        done = true;
        break;
      }
      const chunk = parseChunk(data);
      if (!chunk) continue;
      if (chunk.error) throw new ApiError({ kind: 'server', message: chunk.error.message ?? 'error', code: chunk.error.code ?? undefined });
      if (addChunk(answer, chunk)) onGrow();
    }
  } catch (error) {
    if (isAbort(error) || error instanceof ApiError) throw error;
    throw new ApiError({ kind: 'broken', message: (error as Error).message });
  }
  if (!done && !answer.finish) throw new ApiError({ kind: 'broken', message: 'stream ended early' });
}

/** One broken line must not cost the rest of the answer. */
export function parseChunk(data: string): ChatChunk | null {
  try {
    const chunk = JSON.parse(data);
    return chunk && typeof chunk === 'object' ? chunk : null;
  } catch {
    return null;
  }
}
