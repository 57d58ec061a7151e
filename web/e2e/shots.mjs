/** Takes pictures of the page to look at: node e2e/shots.mjs URL FOLDER (against the stand-in, whose answers the pictures need). */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, openPage } from './browser.mjs';

const [url, folder] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

const browser = await launch();

async function shoot(name, { size = 'desktop', language = 'en', theme = 'light', extra = {} }, act) {
  const phone = size === 'phone';
  const page = await openPage(browser, url, { ...sizes[size], settings: { language, ...extra }, colorScheme: theme, hasTouch: phone, deviceScaleFactor: phone ? 2 : 1 });
  await page.waitForSelector('#composer-input');
  await act?.(page);
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
}

async function ask(page, text) {
  await page.fill('#composer-input', text);
  await page.keyboard.press('Enter');
  await page.waitForSelector('article.assistant[aria-busy=false]:last-of-type', { timeout: 30000 });
  await page.waitForFunction(() => !document.querySelector('article.assistant[aria-busy=true]'), null, { timeout: 30000 });
}

const question = 'Explain how attention works to someone who knows linear algebra.';
const toTop = (page) => page.evaluate(() => document.querySelectorAll('.thread').forEach((e) => (e.scrollTop = 0)));
const hover = async (page) => {
  await page.click('[aria-label="Show token probabilities"]');
  await toTop(page);
  await page.hover('[data-token="14"]');
};

const list = {
  'empty-light': [{}, null],
  'empty-dark-zh': [{ theme: 'dark', language: 'zh' }, null],
  'chat-light': [{}, async (p) => { await ask(p, 'What is a caravan?'); await ask(p, question); await toTop(p); }],
  'chat-light-end': [{}, (p) => ask(p, question)],
  'chat-dark': [{ theme: 'dark', extra: { panel: true, system: 'You answer briefly and clearly.', sampling: { temperature: 0.7, top_p: 0.95 } } }, async (p) => { await ask(p, question); await toTop(p); }],
  'chat-zh': [{ language: 'zh' }, async (p) => { await ask(p, '向懂线性代数的人解释注意力机制。'); await toTop(p); }],
  'streaming': [{}, async (p) => { await p.fill('#composer-input', question); await p.keyboard.press('Enter'); await p.waitForTimeout(2500); }],
  'hover': [{}, async (p) => { await ask(p, 'What is a caravan?'); await hover(p); }],
  'hover-dark': [{ theme: 'dark' }, async (p) => { await ask(p, 'What is a caravan?'); await hover(p); }],
  'reasoning': [{}, async (p) => { await ask(p, 'Think: how many humps?'); await p.click('.fold'); }],
  'tools': [{ extra: { sampling: { tools: '[{"type":"function","function":{"name":"weather"}}]' } } }, (p) => ask(p, 'Use the tool for the weather')],
  'errors': [{}, async (p) => { await ask(p, 'busy now'); await ask(p, 'break off please'); }],
  'compare': [{}, async (p) => { await p.click('[aria-label="Compare with another model"]'); await ask(p, question); await toTop(p); }],
  'compare-phone': [{ size: 'phone', theme: 'dark' }, async (p) => { await p.click('[aria-label="Compare with another model"]'); await ask(p, 'What is a caravan?'); }],
  'phone': [{ size: 'phone' }, async (p) => { await ask(p, question); await toTop(p); }],
  'phone-empty': [{ size: 'phone' }, null],
  'phone-sidebar': [{ size: 'phone', language: 'zh' }, async (p) => { await ask(p, '商队是什么？'); await p.click('[aria-label="显示侧栏"]'); await p.waitForTimeout(300); }],
  'phone-panel': [{ size: 'phone', theme: 'dark' }, async (p) => { await p.click('[aria-label="Show the parameters"]'); await p.waitForTimeout(300); }],
  'phone-hover': [{ size: 'phone' }, async (p) => { await ask(p, 'What is a caravan?'); await p.click('[aria-label="Show token probabilities"]'); await p.tap('[data-token="20"]'); }],
  'models': [{}, async (p) => { await ask(p, 'What is a caravan?'); await p.click('a[href="#/models"]'); await p.waitForTimeout(3500); }],
  'model': [{}, async (p) => { await p.click('a[href="#/models"]'); await p.click('.model-card'); await p.waitForTimeout(300); }],
  'model-dark-phone': [{ size: 'phone', theme: 'dark', language: 'zh' }, async (p) => { await p.goto(`${url}#/models/qwen3-0.6b-q4_0`); await p.waitForTimeout(500); }],
  'settings': [{}, async (p) => { await p.click('.sidebar-bottom button'); }],
  'menu': [{}, async (p) => { await ask(p, 'What is a caravan?'); await p.hover('.conversation'); await p.click('.conversation .icon-button'); }],
  'picker-dark': [{ theme: 'dark' }, async (p) => { await p.click('.picker'); }],
};

const wanted = process.argv.slice(4);
for (const [name, [options, act]] of Object.entries(list)) if (wanted.length === 0 || wanted.includes(name)) await shoot(name, options, act).catch((e) => console.log(name, String(e).slice(0, 400)));
await browser.close();
