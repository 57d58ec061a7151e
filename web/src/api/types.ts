/** What the server says about a model it can serve; only `loaded` and `file_bytes` are certain before it is loaded. */
export interface ModelFacts {
  family?: string;
  architecture?: 'decoder' | 'encoder' | 'encoder-decoder' | 'vision-language';
  parameters?: number;
  file_bytes?: number;
  quantization?: string;
  types?: Record<string, number>;
  context_length?: number;
  trained_context_length?: number;
  vocabulary_size?: number;
  layers?: number;
  hidden_size?: number;
  template?: string;
  loaded?: boolean;
  memory?: { weights: number; pages: number; states: number };
  supports?: Partial<Record<Support, boolean>>;
}

export type Support = 'chat' | 'completions' | 'embeddings' | 'images' | 'tools' | 'fill_in_the_middle';

export interface Model {
  id: string;
  object?: string;
  created?: number;
  owned_by?: string;
  caravan?: ModelFacts;
}

export interface ModelStatus {
  id: string;
  running: number;
  waiting: number;
  pages_used: number;
  pages_total: number;
  cached_pages: number;
  batch_tokens: number;
  tokens_per_second: number;
  preemptions: number;
}

export interface ServerStatus {
  models: ModelStatus[];
  uptime_s: number;
}

export interface ToolCallDelta {
  index?: number;
  id?: string;
  type?: string;
  function?: { name?: string; arguments?: string };
}

export interface LogprobEntry {
  token: string;
  logprob: number;
  bytes?: number[] | null;
  top_logprobs?: { token: string; logprob: number; bytes?: number[] | null }[];
}

/** The older form, which /v1/completions has. */
export interface CompletionLogprobs {
  tokens: string[];
  token_logprobs: (number | null)[];
  top_logprobs?: (Record<string, number> | null)[] | null;
}

export interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number };
}

export interface Timings {
  queue_ms?: number;
  prompt_ms?: number;
  prompt_tokens_per_second?: number;
  generated_tokens_per_second?: number;
  time_to_first_token_ms?: number;
}

export interface ChatChunk {
  id?: string;
  choices?: {
    index?: number;
    delta?: { role?: string; content?: string | null; reasoning_content?: string | null; tool_calls?: ToolCallDelta[] };
    /** Of /v1/completions, in place of a delta. */
    text?: string;
    finish_reason?: string | null;
    logprobs?: { content?: LogprobEntry[] | null } | CompletionLogprobs | null;
  }[];
  usage?: Usage | null;
  timings?: Timings;
  error?: { message?: string; type?: string; code?: string | null };
}

export interface ChatRequestMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | null;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** The body of a request for an answer: to messages, or to a text that is gone on with. */
export type AnswerRequest = { model: string } & ({ messages: ChatRequestMessage[] } | { prompt: string }) & Record<string, unknown>;
