import assert from 'node:assert/strict';
import { answers, ask, button, composer, questions, settled, skip, watchRequests, writing } from './steps.mjs';

async function two(open, options) {
  const page = await open(options);
  await page.waitForFunction(() => !/Loading|Choose/.test(document.querySelector('.picker')?.textContent ?? 'Loading'));
  const add = button(page, 'Compare with another model');
  if ((await add.count()) === 0) skip('the server has one model');
  await add.click();
  return page;
}

export const tests = {
  'asks two models side by side, each with its own thread': async ({ open }) => {
    const page = await two(open);
    const requests = watchRequests(page);
    await ask(page, 'Hello you two');
    assert.equal(await page.locator('.lane').count(), 2);
    assert.equal(await page.locator(answers).count(), 2);
    assert.notEqual(requests[0].model, requests[1].model);
    await ask(page, 'And more');
    assert.equal(requests.length, 4);
    assert.equal(requests[2].messages.length, 3);
    assert.equal(await page.locator('.lane').nth(1).locator(questions).count(), 2);
  },

  'goes on with one of them only': async ({ open }) => {
    const page = await two(open);
    await ask(page, 'Hello');
    const model = await page.locator('.lane .picker span').nth(1).innerText();
    await button(page, `Go on with ${model} only`).click();
    assert.equal(await page.locator('.lane').count(), 1);
    assert.equal(await page.locator('.picker span').innerText(), model);
    assert.equal(await page.locator(answers).count(), 1);
  },

  'stops all at once': async ({ open }) => {
    const page = await two(open);
    await page.fill(composer, 'slow: count');
    await page.press(composer, 'Enter');
    await writing(page);
    await button(page, 'Stop all answers').click();
    await settled(page);
    assert.equal(await page.locator(`${answers}[aria-busy=true]`).count(), 0);
  },

  'changes the model of a conversation': async ({ open }) => {
    const page = await open();
    const requests = watchRequests(page);
    await ask(page, 'Hello');
    await page.locator('.picker').click();
    const items = page.getByRole('menuitemradio');
    if ((await items.count()) < 2) skip('the server has one model');
    await items.nth(1).click();
    await ask(page, 'Hello again');
    assert.notEqual(requests[1].model, requests[0].model);
  },
};
