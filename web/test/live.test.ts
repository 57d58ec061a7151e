import { describe, expect, it } from 'vitest';
import { emptyAnswer } from '../src/api/chat';
import { statsOf } from '../src/state/generation';
import { Meter } from '../src/state/live';
import { modelPath, parseRoute } from '../src/state/routes';

describe('Meter', () => {
  it('measures over its window only', () => {
    const meter = new Meter(1000);
    expect(meter.add(0, 1)).toBe(0);
    expect(meter.add(500, 6)).toBe(10);
    let rate = 0;
    for (let time = 600; time <= 3000; time += 100) rate = meter.add(time, 6 + (time - 500) / 50);
    expect(rate).toBeCloseTo(20, 6);
  });
});

describe('statsOf', () => {
  it('takes the server’s figures', () => {
    const answer = { ...emptyAnswer(), count: 3, usage: { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 8 } }, timings: { generated_tokens_per_second: 50, time_to_first_token_ms: 20, queue_ms: 1 } };
    expect(statsOf(answer, 0, 99, 199)).toEqual({ tokens: 4, tokensPerSecond: 50, promptTokens: 10, cachedTokens: 8, firstToken: 20, queue: 1 });
  });

  it('measures itself where the server gives none', () => {
    expect(statsOf({ ...emptyAnswer(), count: 11 }, 0, 100, 600)).toEqual({ tokens: 11, tokensPerSecond: 20, firstToken: 100 });
    expect(statsOf(emptyAnswer(), 0, undefined, 5)).toBeUndefined();
  });
});

describe('parseRoute', () => {
  it('knows the pages', () => {
    expect(parseRoute('')).toEqual({ page: 'chat', id: null });
    expect(parseRoute('#/c/abc')).toEqual({ page: 'chat', id: 'abc' });
    expect(parseRoute('#/models')).toEqual({ page: 'models', id: null });
    expect(parseRoute(modelPath('org/name-q4'))).toEqual({ page: 'models', id: 'org/name-q4' });
    expect(parseRoute('#/models/a/b')).toEqual({ page: 'models', id: 'a/b' });
    expect(parseRoute('#/models/%E0%A4%A')).toEqual({ page: 'models', id: null });
  });
});
