import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, ask, button, composer, questions, send, settled, skip, writing } from './steps.mjs';

async function menu(page, title, item) {
  await page.getByRole('link', { name: title }).hover();
  await button(page, `Actions for “${title}”`).click();
  await page.getByRole('menuitem', { name: item }).click();
}

const saved = (page) => page.waitForTimeout(700);

export const tests = {
  'keeps conversations and what was typed over a reload': async ({ open }) => {
    const page = await open();
    await ask(page, 'Remember this');
    const answer = await page.locator(answers).innerText();
    await page.fill(composer, 'half a thou');
    await saved(page);
    await page.reload();
    await page.locator(answers).waitFor();
    assert.equal((await page.locator(answers).innerText()).slice(0, 40), answer.slice(0, 40));
    assert.equal(await page.inputValue(composer), 'half a thou');
    assert.equal(await page.locator('.conversation').count(), 1);
  },

  'keeps the part of an answer that had come when the page goes away': async ({ open }) => {
    const page = await open();
    await send(page, 'slow: count');
    await page.waitForFunction((s) => (document.querySelector(s)?.innerText.length ?? 0) > 40, `${answers} .markdown`);
    await writing(page);
    await page.reload();
    await page.locator(answers).waitFor();
    assert.ok((await page.locator(`${answers} .markdown`).innerText()).length > 5);
    assert.equal(await page.getByText('Interrupted.').count(), 1);
  },

  'downloads JSON and Markdown': async ({ open }) => {
    const page = await open();
    await ask(page, 'Export me');
    const fetch = async (item) => {
      const [file] = await Promise.all([page.waitForEvent('download'), menu(page, 'Export me', item)]);
      return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
    };
    const json = await fetch('Export as JSON');
    assert.equal(json.name, 'Export-me.json');
    const archive = JSON.parse(json.text);
    assert.equal(archive.conversations[0].title, 'Export me');
    assert.equal(Object.keys(archive.conversations[0].messages).length, 2);
    const markdown = await fetch('Export as Markdown');
    assert.equal(markdown.name, 'Export-me.md');
    assert.match(markdown.text, /^# Export me\n\n\*\*You\*\*\n\nExport me\n/);
  },

  'imports what it exported, and says what is wrong with another file': async ({ open }) => {
    const page = await open();
    await ask(page, 'Take me along');
    await saved(page);
    await button(page, 'Settings').click();
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Export all').click()]);
    const path = join(tmpdir(), `caravan-e2e-${process.pid}.json`);
    await writeFile(path, await readFile(await file.path(), 'utf8'));
    await page.setInputFiles('input[type=file]', path);
    await page.getByText('Imported 1 conversations.').waitFor();
    assert.equal(await page.locator('.conversation').count(), 2);
    await writeFile(path, 'nonsense');
    await page.setInputFiles('input[type=file]', path);
    await page.getByText('That file is not JSON.').waitFor();
  },

  'renames, deletes and takes the deletion back': async ({ open }) => {
    const page = await open();
    await ask(page, 'Old name');
    await menu(page, 'Old name', 'Rename');
    await page.getByLabel('Title').fill('New name');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'New name' }).waitFor();
    await menu(page, 'New name', 'Delete');
    await page.waitForFunction(() => document.querySelectorAll('.conversation').length === 0);
    assert.equal(await page.locator(questions).count(), 0);
    await button(page, 'Undo').click();
    await page.getByRole('link', { name: 'New name' }).click();
    await page.locator(answers).waitFor();
    await saved(page);
    await page.reload();
    await page.getByRole('link', { name: 'New name' }).waitFor();
  },

  'finds conversations by their words, with Ctrl+K': async ({ open }) => {
    const page = await open();
    await ask(page, 'About dromedaries');
    await page.keyboard.press('Control+Shift+O');
    await page.waitForFunction((s) => !document.querySelector(s), questions);
    await ask(page, 'About tents');
    await saved(page);
    await page.keyboard.press('Control+k');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
    await page.keyboard.type('DROMEDARIES');
    await page.waitForFunction(() => document.querySelectorAll('.conversation').length === 1);
    await page.fill('#search', 'nothing like it');
    await page.getByText('Nothing matches').waitFor();
  },

  'deletes a conversation whose answer is being written, for good': async ({ open }) => {
    const page = await open();
    await send(page, 'slow: count');
    await writing(page);
    await menu(page, 'slow: count', 'Delete');
    await page.waitForFunction(() => document.querySelectorAll('.conversation').length === 0);
    await saved(page);
    await page.reload();
    await page.locator(composer).waitFor();
    assert.equal(await page.locator('.conversation').count(), 0);
  },

  'goes on writing while another conversation is shown': async ({ open, mock }) => {
    if (!mock) skip('needs a slow answer');
    const page = await open();
    await send(page, 'attention');
    await writing(page);
    await button(page, 'New chat').click();
    await page.waitForFunction((s) => !document.querySelector(s), answers);
    await page.getByRole('link', { name: 'attention' }).click();
    await settled(page);
    assert.match(await page.locator(answers).innerText(), /linear algebra/);
  },
};
