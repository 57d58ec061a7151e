import type { Choice, Token } from '../api/chat';

type Packed = [text: string, logprob: number, top: [text: string, logprob: number][]];

const round = (x: number): number => Math.round(x * 1e4) / 1e4;

/** Tokens with their alternatives as one string: thousands of small objects would make each save of a conversation slow. */
export function pack(tokens: Token[]): string | undefined {
  if (tokens.length === 0) return undefined;
  return JSON.stringify(tokens.map((t): Packed => [t.text, round(t.logprob), t.top.map((c) => [c.text, round(c.logprob)])]));
}

export function unpack(packed: string | undefined): Token[] {
  if (!packed) return [];
  try {
    return (JSON.parse(packed) as Packed[]).map(([text, logprob, top]) => ({ text, logprob, top: top.map(([x, l]) => ({ text: x, logprob: l })) }));
  } catch {
    return [];
  }
}

export const probability = (c: Choice): number => Math.min(1, Math.exp(c.logprob));

/** What the model was choosing between: its alternatives with the chosen token among them, most probable first. */
export function choices(token: Token): (Choice & { chosen: boolean })[] {
  const list = token.top.map((c) => ({ ...c, chosen: c.text === token.text }));
  const first = list.findIndex((c) => c.chosen);
  // Two tokens can have the same text; only one was chosen.
  list.forEach((c, i) => (c.chosen = i === first));
  if (first < 0) list.push({ text: token.text, logprob: token.logprob, chosen: true });
  return list.sort((a, b) => b.logprob - a.logprob);
}

/** exp of the mean surprise: 1 is certainty. */
export function perplexity(tokens: Token[]): number {
  const finite = tokens.filter((t) => Number.isFinite(t.logprob));
  return finite.length === 0 ? NaN : Math.exp(-finite.reduce((sum, t) => sum + t.logprob, 0) / finite.length);
}

/** White space made visible where a token stands alone. */
export const visible = (text: string): string => text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replace(/^ +| +$/g, (s) => '␣'.repeat(s.length)) || '∅';

/** The text before token `index`, where the tokens spell the content from its beginning; null where they do not. */
export function prefixBefore(tokens: Token[], index: number, content: string): string | null {
  const prefix = tokens.slice(0, index).map((t) => t.text).join('');
  return content.startsWith(prefix) ? prefix : null;
}
