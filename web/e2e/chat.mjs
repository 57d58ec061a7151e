import assert from 'node:assert/strict';
import { answers, ask, button, composer, questions, send, settled, skip, texts, watchRequests, writing } from './steps.mjs';

export const tests = {
  'sends with Enter and shows the answer as it comes': async ({ open }) => {
    const page = await open();
    const requests = watchRequests(page);
    await send(page, 'Tell me a story');
    await page.waitForSelector(`${answers}[aria-busy=true], ${answers} .stats`);
    await settled(page);
    assert.equal(requests.length, 1);
    assert.equal(requests[0].stream, true);
    assert.deepEqual(requests[0].messages, [{ role: 'user', content: 'Tell me a story' }]);
    assert.equal((await texts(page, questions))[0].trim(), 'Tell me a story');
    assert.match(await page.locator('.stats').innerText(), /\d tokens/);
    assert.equal(await page.inputValue(composer), '');
  },

  'grows while it streams, and Esc stops it with the text kept': async ({ open }) => {
    const page = await open();
    await send(page, 'slow: count to four hundred');
    await writing(page);
    await page.waitForFunction((s) => (document.querySelector(s)?.innerText.length ?? 0) > 30, `${answers} .markdown`);
    await writing(page);
    await page.keyboard.press('Escape');
    await settled(page);
    const text = await page.locator(`${answers} .markdown`).innerText();
    assert.ok(text.length > 0);
    assert.equal(await page.getByText('Stopped.').count(), 1);
    await page.waitForTimeout(300);
    assert.equal(await page.locator(`${answers} .markdown`).innerText(), text);
  },

  'does not send while an answer is written, and keeps what is typed': async ({ open }) => {
    const page = await open();
    const requests = watchRequests(page);
    await send(page, 'slow: count');
    await writing(page);
    await page.fill(composer, 'next');
    await page.press(composer, 'Enter');
    assert.equal(requests.length, 1);
    assert.equal(await page.inputValue(composer), 'next');
    await button(page.locator('form.composer'), 'Stop').click();
    await settled(page);
    await page.press(composer, 'Enter');
    await settled(page);
    assert.equal(requests.length, 2);
  },

  'starts a new line with Shift+Enter': async ({ open }) => {
    const page = await open();
    await page.fill(composer, 'one');
    await page.press(composer, 'Shift+Enter');
    await page.keyboard.type('two');
    assert.equal(await page.inputValue(composer), 'one\ntwo');
    assert.equal(await page.locator(questions).count(), 0);
  },

  'regenerates into a second version and switches between them': async ({ open }) => {
    const page = await open();
    await ask(page, 'Hello there');
    await button(page.locator(answers), 'Regenerate').click();
    await settled(page);
    const versions = page.locator('.versions');
    assert.match(await versions.innerText(), /2\/2/);
    await button(versions, 'Previous version').click();
    assert.match(await versions.innerText(), /1\/2/);
    assert.equal(await page.locator(answers).count(), 1);
  },

  'edits a question into a branch, and the old one is still there': async ({ open }) => {
    const page = await open();
    const requests = watchRequests(page);
    await ask(page, 'First question');
    await ask(page, 'Follow-up');
    const first = page.locator(questions).first();
    await first.hover();
    await button(first, 'Edit').click();
    await page.getByLabel('Edit the message').fill('Another question');
    await page.keyboard.press('Enter');
    await settled(page);
    assert.deepEqual(requests.at(-1).messages.map((m) => m.content), ['Another question']);
    assert.equal(await page.locator(questions).count(), 1);
    await button(page.locator(questions), 'Previous version').click();
    assert.equal(await page.locator(questions).count(), 2);
    assert.match((await texts(page, questions)).join(), /First question.*Follow-up/s);
    await button(page.locator(questions).first(), 'Next version').click();
    assert.match((await texts(page, questions)).join(), /Another question/);
  },

  'opens a new conversation from a point': async ({ open }) => {
    const page = await open();
    await ask(page, 'One');
    await ask(page, 'Two');
    const before = page.url();
    await page.locator(answers).first().hover();
    await button(page.locator(answers).first(), 'Branch from here').click();
    await page.waitForURL((url) => url.href !== before);
    assert.equal(await page.locator(questions).count(), 1);
    assert.equal(await page.locator('.conversation').count(), 2);
  },

  'goes on with an answer that was cut': async ({ open }) => {
    const page = await open({ settings: { sampling: { max_tokens: 4 } } });
    const requests = watchRequests(page);
    await ask(page, 'Tell me a long story');
    if ((await page.getByText('The token limit was reached.').count()) === 0) skip('the model ended by itself within four tokens');
    const begin = await page.locator(`${answers} .markdown`).innerText();
    await button(page.locator(answers), 'Continue').click();
    await settled(page);
    assert.equal(requests[1].continue_final_message, true);
    assert.equal(requests[1].messages.at(-1).role, 'assistant');
    assert.ok((await page.locator(answers).innerText()).includes(begin.trim().slice(0, 3)));
    assert.equal(await page.locator(answers).count(), 1);
  },

  'sends the system prompt and the sampling values': async ({ open }) => {
    const page = await open();
    const requests = watchRequests(page);
    await button(page, 'Show the parameters').click();
    await page.getByLabel('System prompt').fill('You are a camel.');
    await page.locator('input.number[data-key=temperature]').fill('0.3');
    await page.locator('input.number[data-key=top_k]').fill('7');
    await page.getByLabel('Max tokens').fill('12');
    await page.getByLabel('Seed').fill('42');
    await page.getByLabel('Stop strings, one a line').fill('END');
    await ask(page, 'Who are you?');
    const { messages, temperature, top_k, max_tokens, seed, stop, top_p } = requests[0];
    assert.deepEqual(messages[0], { role: 'system', content: 'You are a camel.' });
    assert.deepEqual({ temperature, top_k, max_tokens, seed, stop, top_p }, { temperature: 0.3, top_k: 7, max_tokens: 12, seed: 42, stop: ['END'], top_p: undefined });
    await button(page, 'Temperature: Back to the server’s default').click();
    await ask(page, 'And now?');
    assert.equal('temperature' in requests[1], false);
  },

  'sets sampling values with the slider and its keys': async ({ open }) => {
    const page = await open({ settings: { panel: true } });
    const slider = page.getByRole('slider', { name: 'Temperature' });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.locator('input.number[data-key=temperature]').inputValue(), '0.95');
  },

  'asks for the output format': async ({ open }) => {
    const page = await open({ settings: { panel: true } });
    const requests = watchRequests(page);
    await page.getByLabel('Output format').selectOption('schema');
    await page.getByLabel('JSON Schema').fill('{');
    assert.match(await page.locator('.panel').innerText(), /Not JSON/);
    await page.getByLabel('JSON Schema').fill('{"type":"object"}');
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: 'data: {"choices":[{"index":0,"delta":{"content":"{}"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n' }));
    await ask(page, 'JSON please');
    assert.deepEqual(requests[0].response_format, { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' }, strict: true } });
  },

  'stays at the end while an answer grows, and yields to the reader': async ({ open, mock }) => {
    if (!mock) skip('needs an answer of known length');
    const page = await open({ height: 420 });
    await ask(page, 'attention');
    const gap = () => page.evaluate(() => { const e = document.querySelector('.thread'); return e.scrollHeight - e.clientHeight - e.scrollTop; });
    assert.ok((await gap()) < 3, 'at the end');
    await send(page, 'attention again');
    await page.waitForFunction((s) => document.querySelectorAll(s)[1]?.innerText.length > 300, answers);
    await page.mouse.move(640, 200);
    await page.mouse.wheel(0, -400);
    await page.waitForTimeout(400);
    const before = await page.evaluate(() => document.querySelector('.thread').scrollTop);
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => document.querySelector('.thread').scrollTop), before);
    await button(page, 'To the latest message').click();
    await settled(page);
    assert.ok((await gap()) < 3, 'at the end again');
  },

  'goes on with a text where the model was not taught to chat': async ({ open, mock }) => {
    if (!mock) skip('needs such a model');
    const page = await open({ settings: { models: ['gpt2-f16'] } });
    await page.getByText('It was not taught to chat').waitFor();
    await ask(page, 'The sun set');
    const { prompt, messages, logprobs } = mock.state.requests.findLast((r) => r.model === 'gpt2-f16');
    assert.deepEqual({ prompt, messages, logprobs }, { prompt: 'The sun set', messages: undefined, logprobs: 5 });
    await button(page.locator(answers), 'Show token probabilities').click();
    await page.hover('[data-token="1"]');
    assert.ok((await page.locator('.token-popover li').count()) > 2);
  },

  'folds reasoning and shows it when asked': async ({ open, mock }) => {
    if (!mock) skip('needs a model that thinks');
    const page = await open();
    await ask(page, 'think about humps');
    assert.equal(await page.locator('.reasoning .markdown').count(), 0);
    await button(page, 'Reasoning').click();
    assert.equal(await page.locator('.reasoning .markdown').count(), 1);
  },

  'shows a tool call and gives its result back': async ({ open, mock }) => {
    if (!mock) skip('needs a model that calls tools');
    const page = await open({ settings: { sampling: { tools: '[{"type":"function","function":{"name":"weather","parameters":{}}}]' } } });
    const requests = watchRequests(page);
    await ask(page, 'use the tool');
    assert.match(await page.locator('.tool-calls').innerText(), /weather.*"city": "Timbuktu"/s);
    await page.getByLabel('Tool result').fill('41 °C');
    await button(page, 'Send the result').click();
    await settled(page);
    assert.deepEqual(requests[1].messages.slice(1).map((m) => m.role), ['assistant', 'tool']);
    assert.equal(requests[1].messages[2].tool_call_id, 'call_1');
  },

  'lets nothing that a model wrote run': async ({ open }) => {
    const page = await open();
    const body = ['<img src=x onerror="window.hacked=1">', '<script>window.hacked=1</script>', '[l](javascript:window.hacked=1)', '![i](https://example.org/leak.png)'].join(' ');
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: body }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n` }));
    await ask(page, 'attack');
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator(`${answers} .markdown :is(img, script)`).count(), 0);
  },
};
