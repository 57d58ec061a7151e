// The client "ollama" of npm against the server whose address is given: node ollama.mjs http://127.0.0.1:8080
import assert from 'node:assert/strict';
import { Ollama } from 'ollama';

const client = new Ollama({ host: process.argv[2] });
const options = { num_predict: 8, temperature: 0 };

assert.deepEqual((await client.list()).models.map((model) => model.name), ['tiny']);
assert.equal((await client.show({ model: 'tiny' })).details.family, 'llama');
assert.equal((await client.ps()).models[0].name, 'tiny');

const messages = [{ role: 'user', content: 'Hello' }];
const whole = await client.chat({ model: 'tiny', messages, options });
assert.equal(whole.done, true);
assert.ok(whole.eval_count > 0);

let text = '';
for await (const part of await client.chat({ model: 'tiny', messages, options, stream: true })) text += part.message.content;
assert.equal(text, whole.message.content);

const generated = await client.generate({ model: 'tiny', prompt: 'Hello', options });
assert.equal(generated.response, whole.message.content);

const schema = { type: 'object', properties: { city: { enum: ['Rome', 'Oslo'] } }, required: ['city'], additionalProperties: false };
const place = await client.chat({ model: 'tiny', messages, format: schema });
assert.ok(['Rome', 'Oslo'].includes(JSON.parse(place.message.content).city));

const vectors = await client.embed({ model: 'tiny', input: ['hello', 'good day'] });
assert.equal(vectors.embeddings.length, 2);

await assert.rejects(client.chat({ model: 'other', messages }), /other/);
