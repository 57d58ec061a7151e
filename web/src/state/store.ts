import { batch, computed, effect, signal, untracked, type Signal } from '@preact/signals';
import { t } from '../i18n';
import { newConversation, setLane, type Conversation } from './conversation';
import { modelsRead, startingModels } from './models';
import { chatPath, go, route } from './routes';
import { settings } from './settings';
import { headOf, Storage, StorageFull, type Head } from './storage';
import { toast } from './toasts';

export const heads = signal<Head[]>([]);
/** Whether conversations outlive this visit. */
export const keeping = signal<'yes' | 'full' | 'no'>('yes');

let storage: Storage | null = null;
const open = new Map<string, Signal<Conversation>>();
const dirty = new Set<string>();
/** Deleted while an answer was perhaps still being written to them: they are not stored again. */
const gone = new Set<string>();
let saving: ReturnType<typeof setTimeout> | undefined;
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('caravan') : null;

const blank = (models: string[]): Signal<Conversation> => signal(newConversation(models, settings.peek().system, settings.peek().sampling));

/** The conversation on the page: a stored one, or a draft that is stored with its first message. */
export const current = signal<Signal<Conversation>>(blank(['']));
export const conversation = computed(() => current.value.value);
export const missing = signal(false);

export async function openStore(): Promise<void> {
  try {
    storage = await Storage.open();
    heads.value = byAge(await storage.heads());
  } catch {
    keeping.value = 'no';
  }
  channel?.addEventListener('message', refreshHeads);
  addEventListener('pagehide', () => void flush());
  document.addEventListener('visibilitychange', () => document.hidden && void flush());
  effect(() => {
    const { page, id } = route.value;
    if (page === 'chat') untracked(() => void show(id));
  });
  effect(fillModels);
}

const byAge = (list: Head[]): Head[] => [...list].sort((a, b) => b.updated - a.updated);

/** Another window changed something: the list and the conversations not being written here are read again. */
async function refreshHeads(): Promise<void> {
  if (!storage) return;
  heads.value = byAge(await storage.heads());
  for (const [id, opened] of open) {
    if (dirty.has(id) || busy(id)) continue;
    const stored = await storage.conversation(id);
    if (stored && stored.updated > opened.peek().updated) opened.value = stored;
  }
}

/** Set by generation.ts, which knows which conversations are being written. */
let busy: (id: string) => boolean = () => false;
export const setBusy = (f: (id: string) => boolean): void => void (busy = f);

async function show(id: string | null): Promise<void> {
  missing.value = false;
  if (id === null) {
    current.value = draft();
    return;
  }
  const found = await load(id);
  const now = route.peek();
  if (now.page !== 'chat' || now.id !== id) return;
  if (found) current.value = found;
  else {
    current.value = draft();
    missing.value = true;
    go(chatPath(null), true);
    toast(t('conversationMissing'));
  }
}

function draft(): Signal<Conversation> {
  const now = current.peek();
  return now.peek().roots.length === 0 ? now : blank(startingModels());
}

/** A draft made before the models were known gets them now. */
function fillModels(): void {
  const now = current.value;
  if (!modelsRead.value || now.value.roots.length > 0 || now.value.lanes.some((l) => l.model !== '')) return;
  const [first, ...rest] = startingModels();
  if (first) now.value = { ...setLane(now.value, 0, { model: first }), lanes: [{ model: first, leaf: null }, ...rest.map((model) => ({ model, leaf: null }))] };
}

export async function load(id: string): Promise<Signal<Conversation> | null> {
  const opened = open.get(id);
  if (opened) return opened;
  const stored = await storage?.conversation(id).catch(() => undefined);
  if (!stored) return null;
  const fresh = open.get(id) ?? signal(stored);
  open.set(id, fresh);
  return fresh;
}

/** Changes a conversation, and stores it soon unless it is still an empty draft. */
export function change(target: Signal<Conversation>, f: (c: Conversation) => Conversation): void {
  const before = target.peek();
  const after = f(before);
  if (after === before) return;
  batch(() => {
    target.value = after;
    if (after.roots.length === 0 || gone.has(after.id)) return;
    open.set(after.id, target);
    const head = headOf(after);
    if (heads.peek()[0]?.id !== head.id || heads.peek()[0]?.title !== head.title) heads.value = [head, ...heads.peek().filter((h) => h.id !== head.id)];
    const at = route.peek();
    if (before.roots.length === 0 && at.page === 'chat' && current.peek() === target) go(chatPath(after.id), true);
  });
  if (after.roots.length === 0 || gone.has(after.id)) return;
  dirty.add(after.id);
  saving ??= setTimeout(flush, 400);
}

async function flush(): Promise<void> {
  clearTimeout(saving);
  saving = undefined;
  const ids = [...dirty];
  dirty.clear();
  for (const id of ids) {
    const opened = open.get(id);
    if (opened) await save(opened.peek());
  }
  if (ids.length > 0) channel?.postMessage('changed');
}

/** When the browser's quota is reached, the tokens' probabilities go first; the texts are what must stay. */
async function save(c: Conversation): Promise<void> {
  if (!storage) return;
  try {
    await storage.save(c);
    if (keeping.value === 'full') keeping.value = 'yes';
  } catch (error) {
    if (!(error instanceof StorageFull)) return void (keeping.value = 'no');
    try {
      await storage.save(withoutTokens(c));
    } catch {
      keeping.value = 'full';
    }
  }
}

const withoutTokens = (c: Conversation): Conversation => ({
  ...c,
  messages: Object.fromEntries(Object.entries(c.messages).map(([id, m]) => [id, { ...m, tokens: undefined }])),
});

export async function rename(id: string, title: string): Promise<void> {
  const target = await load(id);
  if (target && title.trim()) change(target, (c) => ({ ...c, title: title.trim() }));
}

/** Deletes at once; what is returned puts everything back. */
export async function removeConversations(ids: string[]): Promise<() => void> {
  const kept: Conversation[] = [];
  for (const id of ids) {
    const c = await load(id);
    if (c) kept.push(c.peek());
    gone.add(id);
    open.delete(id);
    dirty.delete(id);
  }
  heads.value = heads.value.filter((h) => !ids.includes(h.id));
  await storage?.remove(ids).catch(() => {});
  channel?.postMessage('changed');
  if (ids.includes(conversation.value.id)) go(chatPath(null));
  return () => void addConversations(kept);
}

export async function addConversations(list: Conversation[]): Promise<void> {
  for (const c of list) {
    gone.delete(c.id);
    open.set(c.id, signal(c));
    await save(c);
  }
  const ids = new Set(list.map((c) => c.id));
  heads.value = byAge([...heads.value.filter((h) => !ids.has(h.id)), ...list.map(headOf)]);
  channel?.postMessage('changed');
}

export async function allConversations(): Promise<Conversation[]> {
  await flush();
  return (await storage?.all()) ?? [...open.values()].map((s) => s.peek());
}

/** Ids of the conversations whose title or text holds the words; null where there is no storage to search. */
export async function searchConversations(text: string): Promise<Set<string>> {
  if (storage) return storage.search(text).catch(() => new Set<string>());
  const lowered = text.toLowerCase();
  return new Set(heads.value.filter((h) => h.title.toLowerCase().includes(lowered)).map((h) => h.id));
}
