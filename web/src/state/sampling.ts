/** Sampling values that a request carries; an absent one is the server's own default. */
export interface Sampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
  min_p?: number;
  typical_p?: number;
  repetition_penalty?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  max_tokens?: number;
  seed?: number;
  /** One stop string a line. */
  stop?: string;
  format?: Format;
  /** For JSON Schema, grammar and regex: their text. */
  formatText?: string;
  /** The tools' definitions, a JSON array as OpenAI has it. */
  tools?: string;
}

export type Format = 'text' | 'json' | 'schema' | 'grammar' | 'regex';
export type NumberKey = { [K in keyof Sampling]-?: Sampling[K] extends number | undefined ? K : never }[keyof Sampling];

export interface Range {
  key: NumberKey;
  min: number;
  max: number;
  step: number;
  /** Where the slider stands while no value is set: the neutral value. */
  neutral: number;
}

export const ranges: Range[] = [
  { key: 'temperature', min: 0, max: 2, step: 0.05, neutral: 1 },
  { key: 'top_p', min: 0, max: 1, step: 0.01, neutral: 1 },
  { key: 'top_k', min: 0, max: 200, step: 1, neutral: 0 },
  { key: 'min_p', min: 0, max: 1, step: 0.01, neutral: 0 },
  { key: 'typical_p', min: 0, max: 1, step: 0.01, neutral: 1 },
  { key: 'repetition_penalty', min: 0.5, max: 2, step: 0.01, neutral: 1 },
  { key: 'frequency_penalty', min: -2, max: 2, step: 0.05, neutral: 0 },
  { key: 'presence_penalty', min: -2, max: 2, step: 0.05, neutral: 0 },
];

/** The JSON text of a field, or the reason why it is none. */
export function readJson(text: string): { value?: unknown; error?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The request's fields for these values. Text that is not JSON where JSON is needed is left out (the panel marks it). */
export function requestFields(s: Sampling): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const { key } of ranges) if (s[key] !== undefined) fields[key] = s[key];
  if (s.max_tokens !== undefined) fields.max_tokens = s.max_tokens;
  if (s.seed !== undefined) fields.seed = s.seed;
  const stop = (s.stop ?? '').split('\n').filter((line) => line !== '');
  if (stop.length > 0) fields.stop = stop.map(unescape);
  if (s.tools?.trim()) {
    const { value } = readJson(s.tools);
    if (Array.isArray(value) && value.length > 0) fields.tools = value;
  }
  return { ...fields, ...formatFields(s) };
}

function formatFields(s: Sampling): Record<string, unknown> {
  const text = s.formatText?.trim() ?? '';
  if (s.format === 'json') return { response_format: { type: 'json_object' } };
  if (!text) return {};
  if (s.format === 'grammar') return { grammar: text };
  if (s.format === 'regex') return { regex: text };
  if (s.format !== 'schema') return {};
  const { value } = readJson(text);
  return value === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: value, strict: true } } };
}

/** In a stop string, \n and \t stand for the characters they name. */
const unescape = (line: string): string => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
