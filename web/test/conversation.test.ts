import { describe, expect, it } from 'vitest';
import { addMessage, newConversation, pathTo, removeMessage, requestMessages, setLane, siblingsOf, switchBranch, tipOf, titleFrom, updateMessage, type Conversation } from '../src/state/conversation';

/** question → answer a → follow-up → answer c, and a second answer b to the question. */
function tree() {
  let c: Conversation = newConversation(['m'], '', {});
  const ids: Record<string, string> = {};
  const add = (name: string, parent: string | null, role: 'user' | 'assistant') => {
    [c, ids[name]] = addMessage(c, parent, { role, content: name });
    return ids[name]!;
  };
  const q = add('q', null, 'user');
  const a = add('a', q, 'assistant');
  const f = add('f', a, 'user');
  add('c', f, 'assistant');
  add('b', q, 'assistant');
  c = setLane(c, 0, { leaf: ids.b! });
  return { c, ids };
}
const words = (c: Conversation, leaf: string | null) => pathTo(c, leaf).map((m) => m.content).join('');

describe('the tree of messages', () => {
  it('gives the path to a leaf', () => {
    const { c, ids } = tree();
    expect(words(c, ids.c!)).toBe('qafc');
    expect(words(c, ids.b!)).toBe('qb');
    expect(words(c, null)).toBe('');
  });

  it('switches to another version and down to the end of its branch, and back', () => {
    const { c, ids } = tree();
    const back = switchBranch(c, 0, ids.b!, -1);
    expect(words(back, back.lanes[0]!.leaf)).toBe('qafc');
    const there = switchBranch(back, 0, ids.a!, 1);
    expect(words(there, there.lanes[0]!.leaf)).toBe('qb');
    expect(switchBranch(there, 0, ids.b!, 1)).toBe(there);
  });

  it('keeps questions without a parent as versions of each other', () => {
    const { c, ids } = tree();
    const [next, other] = addMessage(c, null, { role: 'user', content: 'r' });
    expect(siblingsOf(next, ids.q!)).toEqual([ids.q, other]);
  });

  it('finds the newest tip', () => {
    const { c, ids } = tree();
    expect(tipOf(c, ids.q!)).toBe(ids.b);
    expect(tipOf(c, ids.a!)).toBe(ids.c);
  });

  it('removes a message with all below it and moves the lanes that stood there', () => {
    const { c, ids } = tree();
    const less = removeMessage(setLane(c, 0, { leaf: ids.c! }), ids.a!);
    expect(Object.keys(less.messages).sort()).toEqual([ids.q, ids.b].sort());
    expect(less.lanes[0]!.leaf).toBe(ids.q);
    expect(removeMessage(less, ids.q!)).toMatchObject({ messages: {}, roots: [], lanes: [{ leaf: null }] });
  });

  it('never changes the value it was given', () => {
    const { c, ids } = tree();
    const before = JSON.stringify(c);
    addMessage(c, ids.a!, { role: 'user', content: 'x' });
    updateMessage(c, ids.a!, { content: 'y' });
    removeMessage(c, ids.q!);
    switchBranch(c, 0, ids.b!, -1);
    expect(JSON.stringify(c)).toBe(before);
  });
});

describe('requestMessages', () => {
  it('puts the system prompt first, leaves reasoning out and skips answers without text', () => {
    let c = newConversation(['m'], '', {});
    let at: string | null = null;
    for (const m of [
      { role: 'user', content: 'q' }, { role: 'assistant', content: '' }, { role: 'user', content: 'again' }, { role: 'assistant', content: '<think>hm</think>\n\nyes' },
    ] as const) [c, at] = addMessage(c, at, m);
    expect(requestMessages(pathTo(c, at), ' be brief ')).toEqual([
      { role: 'system', content: ' be brief ' }, { role: 'user', content: 'q' }, { role: 'user', content: 'again' }, { role: 'assistant', content: 'yes' },
    ]);
    expect(requestMessages([], '  ')).toEqual([]);
  });

  it('carries tool calls and their results', () => {
    let [c, at] = addMessage(newConversation(['m'], '', {}), null, { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'f', arguments: '{}' }] });
    [c, at] = addMessage(c, at, { role: 'tool', content: 'r', toolCallId: '1' });
    expect(requestMessages(pathTo(c, at), '')).toEqual([
      { role: 'assistant', content: null, tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', content: 'r', tool_call_id: '1' },
    ]);
  });
});

describe('titleFrom', () => {
  it('takes the first line, in one piece or cut at a word', () => {
    expect(titleFrom('\n  Hello   there \nmore')).toBe('Hello there');
    expect(titleFrom('word '.repeat(30))).toBe(`${'word '.repeat(11)}word…`);
    expect(titleFrom('商'.repeat(80))).toBe('商'.repeat(60) + '…');
    expect(titleFrom('🐫'.repeat(61))).toBe('🐫'.repeat(60) + '…');
    expect(titleFrom('  ')).toBe('');
  });
});
