import { describe, expect, it } from 'vitest';
import { highlight } from '../src/text/highlight';
import { splitReasoning } from '../src/text/reasoning';
import { choices, pack, perplexity, prefixBefore, unpack, visible } from '../src/text/tokens';

describe('splitReasoning', () => {
  it.each([
    ['plain', { reasoning: '', answer: 'plain', thinking: false }],
    ['<think>a</think>\n\nb', { reasoning: 'a', answer: 'b', thinking: false }],
    ['\n<think>\nstill', { reasoning: 'still', answer: '', thinking: true }],
    ['<thi', { reasoning: '', answer: '', thinking: true }],
    ['begun before</think>end', { reasoning: 'begun before', answer: 'end', thinking: false }],
    ['<think></think>x', { reasoning: '', answer: 'x', thinking: false }],
    ['Use <think> tags', { reasoning: '', answer: 'Use <think> tags', thinking: false }],
    ['', { reasoning: '', answer: '', thinking: false }],
  ])('divides %j', (content, wanted) => expect(splitReasoning(content)).toEqual(wanted));
});

describe('tokens', () => {
  const token = { text: ' a', logprob: Math.log(0.6), top: [{ text: ' b', logprob: Math.log(0.3) }, { text: ' a', logprob: Math.log(0.6) }] };

  it('come back from their packed form', () => {
    const [back] = unpack(pack([token]));
    expect(back!.text).toBe(' a');
    expect(back!.logprob).toBeCloseTo(token.logprob, 4);
    expect(back!.top).toHaveLength(2);
    expect(pack([])).toBeUndefined();
    expect(unpack('not JSON')).toEqual([]);
  });

  it('are listed by probability with the chosen one marked once', () => {
    expect(choices(token).map((c) => [c.text, c.chosen])).toEqual([[' a', true], [' b', false]]);
    expect(choices({ text: 'z', logprob: -9, top: token.top }).map((c) => c.text)).toEqual([' a', ' b', 'z']);
    expect(choices({ text: 'x', logprob: -1, top: [{ text: 'x', logprob: -1 }, { text: 'x', logprob: -2 }] }).map((c) => c.chosen)).toEqual([true, false]);
  });

  it('have a perplexity', () => {
    expect(perplexity([token, token])).toBeCloseTo(1 / 0.6, 6);
    expect(perplexity([])).toBeNaN();
  });

  it('show their white space', () => {
    expect([' a ', '\n\n', '\t', ''].map(visible)).toEqual(['␣a␣', '↵↵', '⇥', '∅']);
  });

  it('spell the text before one of them, or nothing where they do not', () => {
    const list = ['He', 'llo', '!'].map((text) => ({ text, logprob: 0, top: [] }));
    expect(prefixBefore(list, 2, 'Hello!')).toBe('Hello');
    expect(prefixBefore(list, 2, 'Other')).toBeNull();
  });
});

describe('highlight', () => {
  it('colours known languages and escapes their code', () => {
    expect(highlight('int x = 1; // <b>', 'cs')).toContain('hljs-comment');
    expect(highlight('"<img src=x>"', 'js')).not.toContain('<img');
    expect(highlight('x', 'no-such-language')).toBeNull();
  });
});
