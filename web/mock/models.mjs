/** The models that the stand-in pretends to serve. */
const gib = 1024 ** 3;
const mib = 1024 ** 2;
const created = 1763700000;

const model = (id, caravan) => ({ id, object: 'model', created, owned_by: 'caravan', caravan });
const decoder = { chat: true, completions: true, embeddings: true, images: false, tools: true, fill_in_the_middle: false };

export const models = [
  model('qwen3-0.6b-q4_0', {
    family: 'qwen3', architecture: 'decoder', parameters: 596049920, file_bytes: Math.round(0.36 * gib), quantization: 'Q4_0',
    types: { Q4_0: Math.round(236 * mib), Q6_K: Math.round(127 * mib), F32: Math.round(0.26 * mib) },
    context_length: 8192, trained_context_length: 40960, vocabulary_size: 151936, layers: 28, hidden_size: 1024, template: 'chatml', loaded: true,
    memory: { weights: Math.round(364 * mib), pages: Math.round(224 * mib), states: Math.round(11 * mib) }, supports: { ...decoder, fill_in_the_middle: true },
  }),
  model('tinyllama-1.1b-chat-q8_0', {
    family: 'llama', architecture: 'decoder', parameters: 1100048384, file_bytes: Math.round(1.09 * gib), quantization: 'Q8_0',
    types: { Q8_0: Math.round(1.09 * gib), F32: Math.round(0.35 * mib) },
    context_length: 2048, trained_context_length: 2048, vocabulary_size: 32000, layers: 22, hidden_size: 2048, template: 'zephyr', loaded: true,
    memory: { weights: Math.round(1.09 * gib), pages: Math.round(88 * mib), states: Math.round(9 * mib) }, supports: { ...decoder, tools: false },
  }),
  model('smollm2-135m-instruct-f16', { file_bytes: Math.round(0.25 * gib), loaded: false }),
  model('gpt2-f16', {
    family: 'gpt2', architecture: 'decoder', parameters: 124439808, file_bytes: Math.round(239 * mib), quantization: 'F16', types: { F16: Math.round(237 * mib), F32: Math.round(0.5 * mib) },
    context_length: 1024, trained_context_length: 1024, vocabulary_size: 50257, layers: 12, hidden_size: 768, loaded: false, supports: { ...decoder, chat: false, tools: false },
  }),
  model('bge-small-en-v1.5', {
    family: 'bert', architecture: 'encoder', parameters: 33360000, file_bytes: Math.round(64 * mib), quantization: 'F16', types: { F16: Math.round(63 * mib), F32: Math.round(0.4 * mib) },
    context_length: 512, trained_context_length: 512, vocabulary_size: 30522, layers: 12, hidden_size: 384, loaded: true,
    memory: { weights: Math.round(64 * mib), pages: 0, states: Math.round(2 * mib) }, supports: { chat: false, completions: false, embeddings: true, images: false, tools: false, fill_in_the_middle: false },
  }),
];
