import { describe, expect, it } from 'vitest';
import { requestFields } from '../src/state/sampling';

describe('requestFields', () => {
  it('carries nothing that was not set', () => {
    expect(requestFields({})).toEqual({});
    expect(requestFields({ stop: '\n', tools: ' ', format: 'text', formatText: 'x' })).toEqual({});
  });

  it('carries what was set, zero too', () => {
    expect(requestFields({ temperature: 0, top_k: 40, min_p: 0.05, max_tokens: 9, seed: 0 })).toEqual({ temperature: 0, top_k: 40, min_p: 0.05, max_tokens: 9, seed: 0 });
  });

  it('divides stop strings by lines, with \\n for a line feed', () => {
    expect(requestFields({ stop: 'END\n\\n\\n\n' })).toEqual({ stop: ['END', '\n\n'] });
  });

  it('knows the output formats', () => {
    expect(requestFields({ format: 'json' })).toEqual({ response_format: { type: 'json_object' } });
    expect(requestFields({ format: 'schema', formatText: '{"type":"object"}' })).toEqual({ response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' }, strict: true } } });
    expect(requestFields({ format: 'grammar', formatText: 'root ::= "a"' })).toEqual({ grammar: 'root ::= "a"' });
    expect(requestFields({ format: 'regex', formatText: '[0-9]+' })).toEqual({ regex: '[0-9]+' });
  });

  it('leaves out text that is not the JSON it should be', () => {
    expect(requestFields({ format: 'schema', formatText: '{' })).toEqual({});
    expect(requestFields({ tools: '{"a":1}' })).toEqual({});
    expect(requestFields({ tools: '[' })).toEqual({});
  });
});
