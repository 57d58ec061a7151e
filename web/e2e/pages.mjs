import assert from 'node:assert/strict';
import { answers, ask, button, composer, inOneScreen, questions } from './steps.mjs';

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const brightness = (colour) => colour.match(/\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 3;

export const tests = {
  'shows the models and one model’s facts, and starts a chat with it': async ({ open }) => {
    const page = await open();
    await page.getByRole('link', { name: 'Models' }).click();
    const card = page.locator('.model-card').first();
    const name = await card.locator('strong').innerText();
    await card.click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    const facts = await page.locator('.page-body').innerText();
    for (const word of ['About', 'File size', 'Memory']) assert.ok(facts.includes(word), word);
    await button(page, 'Chat with this model').click();
    assert.equal(await page.locator('.picker span').innerText(), name);
  },

  'shows the server’s live figures with a chart': async ({ open }) => {
    const page = await open({ path: '#/models' });
    await page.locator('.live-card canvas').waitFor();
    assert.match(await page.locator('.live-card').innerText(), /Tokens per second/);
  },

  'switches to 中文 and back, and remembers it': async ({ open }) => {
    const page = await open();
    await button(page, 'Settings').click();
    await page.getByRole('radio', { name: '中文' }).check();
    await page.getByRole('heading', { name: '设置' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
    await page.reload();
    await button(page, '发送').waitFor();
    await button(page, '设置').click();
    await page.getByRole('radio', { name: 'English' }).check();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
  },

  'is dark where the system is, and as it is set': async ({ open }) => {
    const page = await open({ colorScheme: 'dark' });
    assert.ok(brightness(await background(page)) < 60);
    await button(page, 'Settings').click();
    await page.getByRole('radio', { name: 'Light' }).check();
    assert.ok(brightness(await background(page)) > 200);
    await page.reload();
    await page.locator(composer).waitFor();
    assert.ok(brightness(await background(page)) > 200);
  },

  'fits a phone: nothing is wider than the window': async ({ open }) => {
    const page = await open({ width: 390, height: 844, hasTouch: true });
    await inOneScreen(page);
    await ask(page, 'attention, at length');
    await inOneScreen(page);
    const box = await page.locator(composer).boundingBox();
    assert.ok(box.y + box.height <= 844 && box.x >= 0 && box.x + box.width <= 390);
    await button(page, 'Show the parameters').click();
    await inOneScreen(page);
    await button(page, 'Hide the parameters').last().click();
    await button(page, 'Show the sidebar').click();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.locator('.model-card').first().click();
    await inOneScreen(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await inOneScreen(page);
  },

  'opens and closes the sidebar on a phone': async ({ open }) => {
    const page = await open({ width: 390, height: 844 });
    assert.equal(await page.locator('.sidebar').isVisible(), false);
    await button(page, 'Show the sidebar').click();
    await button(page, 'New chat').waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.sidebar').dataset.open === 'false');
  },

  'is used with the keyboard alone': async ({ open }) => {
    const page = await open();
    await page.waitForFunction(() => document.activeElement?.id === 'composer-input');
    await page.waitForFunction(() => !/Loading|Choose/.test(document.querySelector('.picker').textContent));
    await page.keyboard.type('Keys only');
    await page.keyboard.press('Enter');
    await page.waitForFunction((s) => document.querySelector(s)?.getAttribute('aria-busy') === 'false', answers);
    await page.keyboard.press('ArrowUp');
    await page.getByLabel('Edit the message').waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.getByLabel('Edit the message').count(), 0);
    await page.keyboard.press('Control+Shift+O');
    await page.waitForFunction((s) => !document.querySelector(s), questions);
    await page.waitForFunction(() => document.activeElement?.id === 'composer-input');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('Control+k');
    await page.waitForFunction(() => document.activeElement?.id === 'search');
  },

  'gives a missing conversation a sentence and a new chat': async ({ open }) => {
    const page = await open({ path: '#/c/gone' });
    await page.getByText('That conversation is not in this browser.').waitFor();
    assert.equal(await page.locator(composer).isVisible(), true);
  },

  'sets text from right to left where it is written so': async ({ open }) => {
    const page = await open();
    await page.route('**/v1/chat/completions', (route) => route.fulfill({ status: 200, contentType: 'text/event-stream', body: `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'القافلة في الصحراء' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n` }));
    await ask(page, 'שלום');
    assert.equal(await page.locator(`${answers} .markdown p`).evaluate((p) => getComputedStyle(p).direction), 'rtl');
    assert.equal(await page.locator('.bubble').evaluate((p) => getComputedStyle(p).direction), 'rtl');
  },
};
