import assert from 'node:assert/strict';

/** What the tests do on the page, by the names that its controls have in English. */
export const composer = '#composer-input';
export const answers = 'article.assistant';
export const questions = 'article.user';

/** Waits until no answer is being written. */
export const settled = (page) => page.waitForFunction(() => document.querySelector('article.assistant') && !document.querySelector('article.assistant[aria-busy=true]'), null, { timeout: 60_000 });

export async function send(page, text) {
  // A model can be asked once the list of models is there.
  await page.waitForFunction(() => !/Loading|Choose/.test(document.querySelector('.picker')?.textContent ?? 'Loading'));
  await page.fill(composer, text);
  await page.press(composer, 'Enter');
}

/** Waits for an answer that is being written; a model may be too fast for that. */
export async function writing(page) {
  await page.waitForFunction((s) => document.querySelector(s), answers);
  const busy = page.locator(`${answers}[aria-busy=true]`).first();
  if (!(await busy.waitFor({ timeout: 1000 }).then(() => true, () => false))) skip('the answer was there at once');
}

export async function ask(page, text) {
  await send(page, text);
  await settled(page);
}

export const button = (scope, name) => scope.getByRole('button', { name, exact: true });

/** The bodies of the requests for answers that a page makes from now on. */
export function watchRequests(page) {
  const bodies = [];
  page.on('request', (request) => request.url().endsWith('/v1/chat/completions') && bodies.push(request.postDataJSON()));
  return bodies;
}

export const texts = (page, selector) => page.locator(selector).allInnerTexts();

export async function inOneScreen(page) {
  const { inner, wide } = await page.evaluate(() => ({ inner: innerWidth, wide: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) }));
  assert.ok(wide <= inner, `the page is ${wide} wide in a window of ${inner}`);
}

/** An answer in the server's form, for what a real server does only under load. */
export const refusal = (status, code, message, headers = {}) => ({ status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } }) });

export class Skip extends Error {}
export const skip = (why) => {
  throw new Skip(why);
};
