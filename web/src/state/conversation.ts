import type { Failure } from '../api/client';
import type { ToolCall } from '../api/chat';
import type { ChatRequestMessage } from '../api/types';
import { splitReasoning } from '../text/reasoning';
import type { Sampling } from './sampling';

/** What one answer cost and how fast it came. */
export interface Stats {
  promptTokens?: number;
  cachedTokens?: number;
  tokens: number;
  tokensPerSecond?: number;
  /** Milliseconds. */
  firstToken?: number;
  queue?: number;
}

export type Finish = 'stop' | 'length' | 'tool_calls' | 'aborted' | 'error' | string;

export interface Message {
  id: string;
  parent: string | null;
  children: string[];
  role: 'user' | 'assistant' | 'tool';
  content: string;
  created: number;
  model?: string;
  reasoning?: string;
  toolCalls?: ToolCall[];
  toolCallId?: string;
  /** Packed; see text/tokens.ts. */
  tokens?: string;
  stats?: Stats;
  finish?: Finish;
  error?: Failure;
}

/** One column of the page: a model and the last message of the branch it shows. Most conversations have one. */
export interface Lane {
  model: string;
  leaf: string | null;
}

/** A tree of messages. Editing or regenerating adds a branch; nothing is overwritten. All functions here return a new value. */
export interface Conversation {
  id: string;
  title: string;
  created: number;
  updated: number;
  system: string;
  sampling: Sampling;
  lanes: Lane[];
  roots: string[];
  messages: Record<string, Message>;
}

export const newId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
};

export function newConversation(models: string[], system: string, sampling: Sampling): Conversation {
  const now = Date.now();
  const lanes = models.map((model) => ({ model, leaf: null }));
  return { id: newId(), title: '', created: now, updated: now, system, sampling, lanes, roots: [], messages: {} };
}

type Fresh = Partial<Message> & Pick<Message, 'role' | 'content'>;

export function addMessage(c: Conversation, parent: string | null, fresh: Fresh): [Conversation, string] {
  const id = fresh.id ?? newId();
  const message: Message = { created: Date.now(), ...fresh, id, parent, children: [] };
  const messages = { ...c.messages, [id]: message };
  const above = parent === null ? undefined : messages[parent];
  if (above) messages[above.id] = { ...above, children: [...above.children, id] };
  return [{ ...c, messages, roots: above ? c.roots : [...c.roots, id], updated: Date.now() }, id];
}

export function updateMessage(c: Conversation, id: string, change: Partial<Message>): Conversation {
  const message = c.messages[id];
  if (!message) return c;
  return { ...c, messages: { ...c.messages, [id]: { ...message, ...change } }, updated: Date.now() };
}

/** Removes a message with all that follows it; lanes that stood on it step back to its parent. */
export function removeMessage(c: Conversation, id: string): Conversation {
  const message = c.messages[id];
  if (!message) return c;
  const messages = { ...c.messages };
  const gone = new Set<string>();
  const pending = [id];
  for (let next = pending.pop(); next; next = pending.pop()) {
    gone.add(next);
    pending.push(...(messages[next]?.children ?? []));
    delete messages[next];
  }
  const above = message.parent === null ? undefined : messages[message.parent];
  if (above) messages[above.id] = { ...above, children: above.children.filter((x) => x !== id) };
  const roots = c.roots.filter((x) => x !== id);
  const next: Conversation = { ...c, messages, roots, updated: Date.now() };
  const back = message.parent ?? (roots.length > 0 ? tipOf(next, roots[roots.length - 1]!) : null);
  return { ...next, lanes: c.lanes.map((lane) => (lane.leaf && gone.has(lane.leaf) ? { ...lane, leaf: back } : lane)) };
}

/** The messages from the first to `leaf`. */
export function pathTo(c: Conversation, leaf: string | null): Message[] {
  const path: Message[] = [];
  for (let at = leaf === null ? undefined : c.messages[leaf]; at; at = at.parent === null ? undefined : c.messages[at.parent]) path.push(at);
  return path.reverse();
}

/** The versions of a message, itself among them, oldest first. */
export function siblingsOf(c: Conversation, id: string): string[] {
  const parent = c.messages[id]?.parent ?? null;
  return parent === null ? c.roots : (c.messages[parent]?.children ?? [id]);
}

/** From a message down to the end of its newest branch. */
export function tipOf(c: Conversation, id: string): string {
  let at = id;
  for (let children = c.messages[at]?.children; children?.length; children = c.messages[at]?.children) at = children[children.length - 1]!;
  return at;
}

export function setLane(c: Conversation, index: number, change: Partial<Lane>): Conversation {
  return { ...c, lanes: c.lanes.map((lane, i) => (i === index ? { ...lane, ...change } : lane)) };
}

/** Shows the version `step` further on of message `id` in one lane. */
export function switchBranch(c: Conversation, lane: number, id: string, step: number): Conversation {
  const versions = siblingsOf(c, id);
  const next = versions[versions.indexOf(id) + step];
  return next === undefined ? c : setLane(c, lane, { leaf: tipOf(c, next) });
}

/** The first line of the first question, cut at a word. */
export function titleFrom(text: string): string {
  const line = text.trim().split('\n').find((l) => l.trim() !== '')?.trim().replace(/\s+/g, ' ') ?? '';
  const characters = Array.from(line);
  if (characters.length <= 60) return line;
  const cut = characters.slice(0, 60).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > 30 ? cut.slice(0, space) : cut}…`;
}

/** What the server is sent: the system prompt and the branch, without the models' reasoning and without answers that failed empty. */
export function requestMessages(path: Message[], system: string): ChatRequestMessage[] {
  const messages: ChatRequestMessage[] = system.trim() ? [{ role: 'system', content: system }] : [];
  for (const m of path) {
    if (m.role === 'user') messages.push({ role: 'user', content: m.content });
    else if (m.role === 'tool') messages.push({ role: 'tool', content: m.content, tool_call_id: m.toolCallId });
    else {
      const content = splitReasoning(m.content).answer;
      const calls = (m.toolCalls ?? []).map((t) => ({ id: t.id, type: 'function' as const, function: { name: t.name, arguments: t.arguments } }));
      if (calls.length > 0) messages.push({ role: 'assistant', content: content || null, tool_calls: calls });
      else if (content) messages.push({ role: 'assistant', content });
    }
  }
  return messages;
}
