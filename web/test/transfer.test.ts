import { describe, expect, it } from 'vitest';
import { addMessage, newConversation, setLane, type Conversation } from '../src/state/conversation';
import { fileName, fromJson, toJson, toMarkdown } from '../src/state/transfer';

function sample(): Conversation {
  let c = newConversation(['m1', 'm2'], 'Be kind.', { temperature: 0.5 });
  let q: string, a: string, b: string;
  [c, q] = addMessage(c, null, { role: 'user', content: 'Why?', created: 1 });
  [c, a] = addMessage(c, q, { role: 'assistant', content: '<think>so</think>Because.', model: 'm1', created: 2, tokens: '[["Because",-0.1,[]]]' });
  [c, b] = addMessage(c, q, { role: 'assistant', content: 'No reason.', model: 'm2', created: 3 });
  return { ...setLane(setLane(c, 0, { leaf: a }), 1, { leaf: b }), title: 'Reasons' };
}
const none: ReadonlySet<string> = new Set();

describe('JSON', () => {
  it('comes back as it went', () => {
    const c = sample();
    expect(fromJson(toJson([c]), none)).toEqual([c]);
  });

  it('gets a new id where the id is taken', () => {
    const c = sample();
    const [first, second] = fromJson(toJson([c, c]), new Set([c.id]));
    expect(new Set([c.id, first!.id, second!.id]).size).toBe(3);
    expect(first!.messages).toEqual(c.messages);
  });

  it.each([
    ['no JSON', 'hello', 'JSON'],
    ['another JSON', '{"a":1}', 'Caravan'],
    ['null', 'null', 'Caravan'],
  ])('is refused with a sentence: %s', (_, text, word) => {
    expect(() => fromJson(text, none)).toThrow(word);
  });

  it('is refused where the tree is broken, and tells which conversation', () => {
    const broken = (change: (c: Conversation) => void) => {
      const c = sample();
      change(c);
      return () => fromJson(toJson([sample(), c]), none);
    };
    const [q, a] = Object.keys(sample().messages);
    expect(q && a).toBeTruthy();
    expect(broken((c) => (Object.values(c.messages)[1]!.parent = 'nobody'))).toThrow('2');
    expect(broken((c) => (Object.values(c.messages)[0]!.parent = Object.keys(c.messages)[1]!))).toThrow('2');
    expect(broken((c) => ((Object.values(c.messages)[0] as { role: string }).role = 'root'))).toThrow('2');
    expect(broken((c) => ((c as { messages: unknown }).messages = null))).toThrow('2');
  });

  it('mends what can be mended: children, roots and lanes that point nowhere', () => {
    const c = sample();
    const spoilt = { ...c, roots: ['x'], lanes: [{ model: 'm1', leaf: 'gone' }], messages: Object.fromEntries(Object.entries(c.messages).map(([id, m]) => [id, { ...m, children: [] }])) };
    const [mended] = fromJson(toJson([spoilt]), none);
    expect(mended!.messages).toEqual(c.messages);
    expect(mended!.roots).toEqual(c.roots);
    expect(mended!.lanes).toEqual([{ model: 'm1', leaf: null }]);
  });
});

describe('Markdown', () => {
  it('holds the system prompt, each lane under its model, and folds reasoning', () => {
    expect(toMarkdown(sample())).toBe(
      '# Reasons\n\n> **System prompt**\n>\n> Be kind.\n\n## m1\n\n**You**\n\nWhy?\n\n**m1**\n\n<details><summary>Reasoning</summary>\n\nso\n\n</details>\n\nBecause.\n\n## m2\n\n**You**\n\nWhy?\n\n**m2**\n\nNo reason.\n');
  });
});

describe('fileName', () => {
  it('leaves out what some system does not take', () => {
    expect(fileName('a/b: c?')).toBe('a-b-c');
    expect(fileName('///')).toBe('conversation');
    expect(fileName('商队 是什么')).toBe('商队-是什么');
  });
});
