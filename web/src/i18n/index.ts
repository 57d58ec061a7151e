import { settings } from '../state/settings';
import { en } from './en';
import { zh } from './zh';

export type Key = keyof typeof en;
export type Strings = Record<Key, string>;

export const tables: Record<'en' | 'zh', Strings> = { en, zh };

/** The text of a key in the page's language; a component that calls this is drawn anew when the language changes. */
export function t(key: Key, parameters: Record<string, string | number> = {}): string {
  return tables[settings.value.language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

const locale = (): string => (settings.value.language === 'zh' ? 'zh-CN' : 'en');

export const formatNumber = (x: number, digits = 0): string => x.toLocaleString(locale(), { maximumFractionDigits: digits });

export const formatPercent = (p: number): string => `${p >= 0.9995 || p === 0 ? (p * 100).toFixed(0) : p >= 0.01 ? (p * 100).toFixed(1) : p >= 0.0001 ? (p * 100).toFixed(2) : '<0.01'}%`;

/** Bytes in binary units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${formatNumber(bytes, unit === 0 ? 0 : bytes < 10 ? 2 : 1)} ${units[unit]}`;
}

/** 1,100,048,384 → 1.1 B; 15,000,000 → 15 M. */
export function formatCount(n: number): string {
  if (n >= 1e9) return `${formatNumber(n / 1e9, n < 1e10 ? 2 : 1)} B`;
  if (n >= 1e6) return `${formatNumber(n / 1e6, 1)} M`;
  return formatNumber(n);
}

export const formatMilliseconds = (ms: number): string => (ms < 1000 ? `${formatNumber(ms)} ms` : `${formatNumber(ms / 1000, ms < 10_000 ? 2 : 1)} s`);

export function formatDuration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

export const speed = (x: number): string => formatNumber(x, x < 10 ? 2 : x < 100 ? 1 : 0);
