import { t } from '../i18n';
import { splitReasoning } from '../text/reasoning';
import { newId, pathTo, type Conversation, type Message } from './conversation';

/** The file that "export" writes and "import" reads. */
export interface Archive {
  format: 'caravan-conversations';
  version: 1;
  conversations: Conversation[];
}

export const toJson = (conversations: Conversation[]): string =>
  JSON.stringify({ format: 'caravan-conversations', version: 1, conversations } satisfies Archive, null, 2) + '\n';

/** The branch that is shown, as Markdown; with several lanes each under its model's name. */
export function toMarkdown(c: Conversation): string {
  const parts = [`# ${c.title || t('untitled')}`];
  if (c.system.trim()) parts.push(`> **${t('systemPrompt')}**\n>\n${c.system.trim().split('\n').map((l) => `> ${l}`).join('\n')}`);
  for (const lane of c.lanes) {
    if (c.lanes.length > 1) parts.push(`## ${lane.model}`);
    for (const m of pathTo(c, lane.leaf)) parts.push(messageMarkdown(m));
  }
  return parts.join('\n\n') + '\n';
}

function messageMarkdown(m: Message): string {
  if (m.role === 'user') return `**${t('you')}**\n\n${m.content}`;
  if (m.role === 'tool') return `**${t('toolResult')}**\n\n\`\`\`\n${m.content}\n\`\`\``;
  const { reasoning, answer } = splitReasoning(m.content);
  const thoughts = m.reasoning || reasoning;
  const folded = thoughts ? `<details><summary>${t('reasoning')}</summary>\n\n${thoughts}\n\n</details>\n\n` : '';
  const calls = (m.toolCalls ?? []).map((call) => `\n\n\`\`\`json\n${call.name}(${call.arguments})\n\`\`\``).join('');
  return `**${m.model ?? t('assistant')}**\n\n${folded}${answer}${calls}`.trimEnd();
}

/** Reads an archive, or a single conversation; throws a sentence where the file is none. Conversations get new ids where `taken` has theirs. */
export function fromJson(text: string, taken: ReadonlySet<string>): Conversation[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(t('importNotJson'));
  }
  const list = (value as Archive)?.conversations;
  if ((value as Archive)?.format !== 'caravan-conversations' || !Array.isArray(list)) throw new Error(t('importNotOurs'));
  const used = new Set(taken);
  return list.map((entry, index) => {
    const c = conversationFrom(entry);
    if (!c) throw new Error(t('importBroken', { n: index + 1 }));
    const result = used.has(c.id) ? { ...c, id: newId() } : c;
    used.add(result.id);
    return result;
  });
}

/** Takes only what has the right shape, and mends the tree: every message is reached from its parent exactly once. */
function conversationFrom(value: unknown): Conversation | null {
  const v = value as Conversation;
  if (typeof v?.id !== 'string' || typeof v.messages !== 'object' || v.messages === null) return null;
  const messages: Record<string, Message> = {};
  for (const [id, m] of Object.entries(v.messages)) {
    if (!m || m.id !== id || typeof m.content !== 'string' || !['user', 'assistant', 'tool'].includes(m.role)) return null;
    messages[id] = { ...m, children: [], parent: typeof m.parent === 'string' ? m.parent : null, created: Number(m.created) || 0 };
  }
  const roots: string[] = [];
  for (const m of Object.values(messages)) {
    if (m.parent !== null && !messages[m.parent]) return null;
    if (isBelowItself(messages, m)) return null;
    (m.parent === null ? roots : messages[m.parent]!.children).push(m.id);
  }
  const byAge = (a: string, b: string) => messages[a]!.created - messages[b]!.created;
  roots.sort(byAge);
  for (const m of Object.values(messages)) m.children.sort(byAge);
  const lanes = (Array.isArray(v.lanes) ? v.lanes : [])
    .filter((l) => typeof l?.model === 'string')
    .map((l) => ({ model: l.model, leaf: l.leaf && messages[l.leaf] ? l.leaf : null }));
  if (lanes.length === 0) lanes.push({ model: '', leaf: null });
  const text = (s: unknown) => (typeof s === 'string' ? s : '');
  const created = Number(v.created) || Date.now();
  const sampling = v.sampling && typeof v.sampling === 'object' ? v.sampling : {};
  return { id: v.id, title: text(v.title), created, updated: Number(v.updated) || created, system: text(v.system), sampling, lanes, roots, messages };
}

function isBelowItself(messages: Record<string, Message>, m: Message): boolean {
  const seen = new Set<string>();
  for (let at: Message | undefined = m; at; at = at.parent === null ? undefined : messages[at.parent]) {
    if (seen.has(at.id)) return true;
    seen.add(at.id);
  }
  return false;
}

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A title as a file name that every system takes. */
export const fileName = (title: string): string => (title.replace(/[\\/:*?"<>|\p{C}]+/gu, ' ').trim().slice(0, 60) || 'conversation').replace(/\s+/g, '-');
