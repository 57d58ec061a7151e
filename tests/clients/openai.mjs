// The client "openai" of npm against the server whose address is given: node openai.mjs http://127.0.0.1:8080/v1
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'none', maxRetries: 0 });
const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello' }];

const models = await client.models.list();
assert.deepEqual(models.data.map((model) => model.id), ['tiny']);
assert.equal((await client.models.retrieve('tiny')).owned_by, 'caravan');

const whole = await client.chat.completions.create({ model: 'tiny', messages, max_completion_tokens: 8, temperature: 0, logprobs: true, top_logprobs: 2 });
assert.equal(whole.object, 'chat.completion');
assert.equal(whole.choices[0].logprobs.content.length, whole.usage.completion_tokens);

const stream = await client.chat.completions.create({ model: 'tiny', messages, max_completion_tokens: 8, temperature: 0, stream: true, stream_options: { include_usage: true } });
let text = '';
let usage;
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(text, whole.choices[0].message.content);
assert.equal(usage.completion_tokens, whole.usage.completion_tokens);

const format = { type: 'json_schema', json_schema: { name: 'place', strict: true, schema: { type: 'object', properties: { city: { enum: ['Rome', 'Oslo'] } }, required: ['city'], additionalProperties: false } } };
const place = await client.chat.completions.create({ model: 'tiny', messages, response_format: format });
assert.ok(['Rome', 'Oslo'].includes(JSON.parse(place.choices[0].message.content).city));

const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { enum: ['Rome', 'Oslo'] } }, required: ['city'] } } }];
const called = await client.chat.completions.create({ model: 'tiny', messages, tools, tool_choice: 'required', parallel_tool_calls: false });
assert.equal(called.choices[0].finish_reason, 'tool_calls');
const [call] = called.choices[0].message.tool_calls;
assert.ok(['Rome', 'Oslo'].includes(JSON.parse(call.function.arguments).city));
const told = await client.chat.completions.create({ model: 'tiny', messages: [...messages, called.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }], tools, tool_choice: 'none', max_completion_tokens: 4 });
assert.equal(told.choices[0].message.role, 'assistant');

const completion = await client.completions.create({ model: 'tiny', prompt: 'Once', max_tokens: 4, n: 2, echo: true });
assert.equal(completion.choices.length, 2);
assert.ok(completion.choices.every((choice) => choice.text.startsWith('Once')));

const vectors = await client.embeddings.create({ model: 'tiny', input: ['hello', 'good day'] });
assert.equal(vectors.data.length, 2);
assert.ok(Math.abs(vectors.data[0].embedding.reduce((sum, feature) => sum + feature * feature, 0) - 1) < 1e-3);

await assert.rejects(client.chat.completions.create({ model: 'other', messages }), (error) => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
await assert.rejects(client.chat.completions.create({ model: 'tiny', messages, temperature: 3 }), (error) => error instanceof OpenAI.BadRequestError && error.param === 'temperature');

const aborted = await client.chat.completions.create({ model: 'tiny', messages, stream: true, max_completion_tokens: 200 });
for await (const chunk of aborted) {
  assert.ok(chunk.id);
  break;
}
