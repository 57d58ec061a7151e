import assert from 'node:assert/strict';
import { answers, ask, button, settled, skip, watchRequests } from './steps.mjs';

async function shown(open, options) {
  const page = await open(options);
  const requests = watchRequests(page);
  await ask(page, 'What is a caravan?');
  const toggle = button(page.locator(answers), 'Show token probabilities');
  if ((await toggle.count()) === 0) skip('the answer has no tokens');
  await toggle.click();
  return { page, requests };
}

export const tests = {
  'asks for probabilities and shows on hover what a token was chosen from': async ({ open }) => {
    const { page, requests } = await shown(open);
    assert.equal(requests[0].logprobs, true);
    assert.equal(requests[0].top_logprobs, 5);
    await page.hover('[data-token="0"]');
    const rows = page.locator('.token-popover li');
    await rows.first().waitFor();
    assert.ok((await rows.count()) >= 2);
    assert.equal(await page.locator('.token-popover li[data-chosen=true]').count(), 1);
    const percents = (await page.locator('.token-popover li:not(.rest) .percent').allInnerTexts()).map((x) => parseFloat(x.replace('<', '')));
    assert.deepEqual([...percents].sort((a, b) => b - a), percents);
    assert.ok(percents.reduce((a, b) => a + b, 0) <= 100.5);
  },

  'walks the tokens with the arrow keys': async ({ open }) => {
    const { page } = await shown(open);
    // The pointer shows what lies under it, too.
    await page.mouse.move(0, 0);
    await page.locator('.tokens').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.token-popover').waitFor();
    assert.equal(await page.locator('[data-active]').getAttribute('data-token'), '0');
    if ((await page.locator('[data-token]').count()) > 1) {
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.locator('[data-active]').getAttribute('data-token'), '1');
    }
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.token-popover').count(), 0);
  },

  'branches at a token with another choice': async ({ open }) => {
    const { page, requests } = await shown(open);
    await page.hover('[data-token="0"]');
    const other = page.locator('.token-popover li button').first();
    if (!(await other.waitFor({ timeout: 2000 }).then(() => true, () => false))) skip('no other token can be taken');
    await other.click();
    await settled(page);
    assert.equal(requests[1].messages.at(-1).role, 'assistant');
    assert.match(await page.locator('.versions').innerText(), /2\/2/);
  },

  'does not ask for probabilities when that is switched off': async ({ open }) => {
    const page = await open({ settings: { probabilities: false } });
    const requests = watchRequests(page);
    await ask(page, 'Hello');
    assert.equal('logprobs' in requests[0], false);
    assert.equal(await button(page.locator(answers), 'Show token probabilities').count(), 0);
  },
};
