import { chromium } from 'playwright-core';

export const executable = '/usr/bin/chromium';

/** Debian's Chromium. */
export const launch = () => chromium.launch({
  executablePath: executable,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A page with a storage of its own. `settings` are those that the page keeps in the browser. */
export async function openPage(browser, url, { settings = {}, width = 1280, height = 800, path = '', beforeLoad, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-US', acceptDownloads: true, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.addInitScript((s) => {
    if (!localStorage.getItem('caravan.settings')) localStorage.setItem('caravan.settings', JSON.stringify({ language: 'en', ...s }));
  }, settings);
  await beforeLoad?.(page);
  await page.goto(url + path);
  return page;
}
