import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { answers, ask, button } from './steps.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** axe-core's findings of the rules of WCAG 2 A and AA; run by the debugger, which no content policy binds. */
async function check(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] }));
  const lines = found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(lines, [], where);
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, a[href], input, textarea, select')]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !(e.getAttribute('aria-label') || e.innerText?.trim() || e.labels?.[0]?.innerText.trim() || e.getAttribute('aria-labelledby')))
    .map((e) => e.outerHTML.slice(0, 120)));
  assert.deepEqual(nameless, [], `${where}: every control has a name`);
}

export const tests = {
  'is accessible: the empty page': async ({ open }) => check(await open(), 'empty'),

  'is accessible: a conversation, its parameters and probabilities': async ({ open }) => {
    const page = await open({ settings: { panel: true } });
    await ask(page, 'attention');
    await check(page, 'conversation');
    const toggle = button(page.locator(answers), 'Show token probabilities');
    if (await toggle.count()) await toggle.click();
    await page.hover('[data-token="0"]').catch(() => {});
    await check(page, 'probabilities');
  },

  'is accessible: in the dark, in 中文, on a phone': async ({ open }) => {
    const page = await open({ colorScheme: 'dark', settings: { language: 'zh' }, width: 390, height: 844 });
    await ask(page, '注意力机制');
    await check(page, 'dark');
  },

  'is accessible: settings and models': async ({ open }) => {
    const page = await open();
    await button(page, 'Settings').click();
    await check(page, 'settings');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Models' }).click();
    await page.locator('.live-card canvas').waitFor();
    await check(page, 'models');
    await page.locator('.model-card').first().click();
    await page.locator('.facts').waitFor();
    await check(page, 'model');
  },
};
