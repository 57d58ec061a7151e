import { describe, expect, it } from 'vitest';
import { formatBytes, formatPercent, t, tables } from '../src/i18n';
import { en } from '../src/i18n/en';
import { zh } from '../src/i18n/zh';
import { set } from '../src/state/settings';

const parameters = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
const sources = import.meta.glob<string>(['../src/**/*.{ts,tsx}', '!../src/i18n/{en,zh}.ts'], { query: '?raw', import: 'default', eager: true });

describe('the tables of strings', () => {
  it('have the same keys in the same order, none empty', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
    for (const table of Object.values(tables)) for (const [key, text] of Object.entries(table)) expect(text.trim(), key).not.toBe('');
  });

  it('have the same parameters', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(parameters(zh[key]), key).toEqual(parameters(en[key]));
  });

  it('hold no key that nothing uses', () => {
    const code = Object.values(sources).join('\n');
    expect(Object.keys(en).filter((key) => !new RegExp(`['"]${key}['"]`).test(code))).toEqual([]);
  });

  it('are used by the language that is set', () => {
    set({ language: 'zh' });
    expect(t('version', { n: 1, total: 2 })).toBe('第 1 个版本，共 2 个');
    set({ language: 'en' });
    expect(t('version', { n: 1, total: 2 })).toBe('Version 1 of 2');
    expect(t('version', { n: 1 })).toBe('Version 1 of {total}');
  });
});

describe('figures', () => {
  it('are short and keep what matters', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(1536)).toBe('1.5 KiB');
    expect(formatBytes(1.09 * 1024 ** 3)).toBe('1.09 GiB');
    expect([1, 0.99999, 0.5, 0.012, 0.0042, 0.00001, 0].map(formatPercent)).toEqual(['100%', '100%', '50.0%', '1.2%', '0.42%', '<0.01%', '0%']);
  });
});
