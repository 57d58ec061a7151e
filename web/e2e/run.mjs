/**
 * The page's end-to-end tests in Chromium, against a server that runs or, without an address, against the stand-in:
 *   node e2e/run.mjs [URL] [--only WORDS] [--shots FOLDER] [--times]
 * The last line is 'N passed, N failed, N skipped'.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startMock } from '../mock/server.mjs';
import * as access from './access.mjs';
import { executable, launch, openPage } from './browser.mjs';
import * as chat from './chat.mjs';
import * as compare from './compare.mjs';
import * as errors from './errors.mjs';
import * as pages from './pages.mjs';
import { Skip } from './steps.mjs';
import * as store from './store.mjs';
import * as tokens from './tokens.mjs';

const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const given = process.argv[2]?.startsWith('http') ? process.argv[2] : undefined;
const only = option('--only');
const shots = option('--shots');
const all = [chat, compare, tokens, store, errors, pages, access].flatMap((m) => Object.entries(m.tests)).filter(([name]) => !only || name.includes(only));

if (!existsSync(executable)) {
  console.log(`There is no ${executable}.`);
  console.log(`0 passed, 0 failed, ${all.length} skipped`);
  process.exit(0);
}

const mock = given ? null : await startMock({ delay: 2 });
const url = (given ?? mock.url).replace(/\/*$/, '/');
const browser = await launch();
const count = { passed: 0, failed: 0, skipped: 0 };
if (shots) await mkdir(shots, { recursive: true });

/** A small random model rarely ends by itself. */
const limited = (settings) => (mock ? settings : { ...settings, sampling: { max_tokens: 256, ...settings.sampling } });

/** Runs one test on pages of its own; an exception on the page or a breach of its content policy fails it too. */
async function runOne([name, test]) {
  const opened = [];
  const began = performance.now();
  const faults = [];
  const open = async ({ routes = {}, settings = {}, ...options } = {}) => {
    const page = await openPage(browser, url, { ...options, settings: limited(settings), beforeLoad: async (p) => {
      p.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
      p.on('console', (message) => /Content Security Policy/i.test(message.text()) && faults.push(message.text()));
      for (const [pattern, handler] of Object.entries(routes)) await p.route(pattern, handler);
    } });
    opened.push(page);
    await page.locator('main').waitFor();
    return page;
  };
  try {
    await test({ open, mock });
    if (faults.length > 0) throw new Error(faults.join('\n'));
    count.passed++;
  } catch (error) {
    if (error instanceof Skip) {
      count.skipped++;
      console.log(`skipped: ${name}: ${error.message}`);
    } else {
      count.failed++;
      console.log(`FAILED: ${name}\n${String(error.stack ?? error).split('\n').slice(0, 14).join('\n')}`);
      if (shots) for (const page of opened) await page.screenshot({ path: join(shots, `${name.replace(/\W+/g, '-')}.png`) }).catch(() => {});
    }
  }
  for (const page of opened) await page.context().close().catch(() => {});
  if (process.argv.includes('--times')) console.log(`${((performance.now() - began) / 1000).toFixed(1)} s: ${name}`);
}

const queue = [...all];
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) await runOne(next);
};
await Promise.all([worker(), worker(), worker()]);
await browser.close();
mock?.server.closeAllConnections();
mock?.server.close();
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed > 0 ? 1 : 0);
