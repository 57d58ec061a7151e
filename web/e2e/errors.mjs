import assert from 'node:assert/strict';
import { answers, ask, button, refusal, send, settled } from './steps.mjs';

const chat = '**/v1/chat/completions';

export const tests = {
  'asks for a key on 401 and tries again with it': async ({ open }) => {
    const page = await open();
    let keys = [];
    await page.route(chat, (route) => {
      keys.push(route.request().headers().authorization);
      return keys.length === 1 ? route.fulfill(refusal(401, 'invalid_api_key', 'Incorrect API key provided.')) : route.continue();
    });
    await send(page, 'Hello');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('API key').fill('sk-test');
    await button(dialog, 'Use the key').click();
    await page.locator(`${answers} .stats`).waitFor().catch(() => {});
    await settled(page);
    assert.deepEqual(keys, [undefined, 'Bearer sk-test']);
  },

  'asks for a key at once where even the models need one': async ({ open }) => {
    const page = await open({ routes: { '**/v1/models': (route) => (route.request().headers().authorization ? route.continue() : route.fulfill(refusal(401, 'invalid_api_key', 'No key.'))) } });
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('API key').fill('sk-test');
    await button(dialog, 'Use the key').click();
    await page.waitForFunction(() => !/Loading|Choose/.test(document.querySelector('.picker').textContent));
    assert.equal(await dialog.count(), 0);
  },

  'says that the queue is full on 429, counts down and tries again': async ({ open }) => {
    const page = await open();
    let times = 0;
    await page.route(chat, (route) => (times++ === 0 ? route.fulfill(refusal(429, 'queue_full', 'The queue is full.', { 'Retry-After': '2' })) : route.continue()));
    await ask(page, 'Hello');
    await page.getByText('The server is busy: its queue is full.').waitFor();
    await button(page, 'Retry').waitFor();
    await button(page, 'Retry').click();
    await page.waitForFunction(() => !document.querySelector('.error'));
    await settled(page);
    assert.equal(times, 2);
    assert.equal(await page.locator(answers).count(), 1);
  },

  'shows the server’s own words where it refuses': async ({ open }) => {
    const page = await open();
    await page.route(chat, (route) => route.fulfill(refusal(400, 'context_length_exceeded', 'The prompt has 9000 tokens; the model takes 8192.')));
    await ask(page, 'Hello');
    assert.match(await page.getByRole('alert').innerText(), /9000 tokens/);
  },

  'says that the server is away and keeps the question': async ({ open }) => {
    const page = await open();
    await page.route(chat, (route) => route.abort());
    await ask(page, 'Are you there?');
    assert.match(await page.getByRole('alert').innerText(), /cannot be reached/);
    await page.unroute(chat);
    await button(page, 'Retry').click();
    await page.waitForFunction(() => !document.querySelector('.error'));
    await settled(page);
  },

  'keeps what had come when the connection breaks off': async ({ open }) => {
    const page = await open();
    const body = 'data: {"choices":[{"index":0,"delta":{"content":"Half an ans"}}]}\n\n';
    await page.route(chat, (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
    await ask(page, 'Break');
    assert.match(await page.getByRole('alert').innerText(), /broke off/);
    assert.equal(await page.locator(`${answers} .markdown`).innerText(), 'Half an ans');
    assert.equal(await button(page.getByRole('alert'), 'Continue').count(), 1);
  },

  'reports an error in the middle of a stream': async ({ open }) => {
    const page = await open();
    const body = 'data: {"choices":[{"index":0,"delta":{"content":"So far"}}]}\n\ndata: {"error":{"message":"The deadline has passed.","type":"server_error","param":null,"code":"deadline"}}\n\n';
    await page.route(chat, (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body }));
    await ask(page, 'Error');
    assert.match(await page.getByRole('alert').innerText(), /The deadline has passed/);
  },

  'says that the models could not be listed': async ({ open }) => {
    const page = await open({ path: '#/models', routes: { '**/v1/models': (route) => route.fulfill(refusal(500, null, 'no luck')) } });
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /no luck/);
    await page.unroute('**/v1/models');
    await button(page, 'Retry').click();
    await page.locator('.model-card').first().waitFor();
  },
};
