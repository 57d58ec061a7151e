import { effect, signal } from '@preact/signals';
import type { Sampling } from './sampling';

export type Theme = 'auto' | 'light' | 'dark';
export type Language = 'en' | 'zh';

export interface Settings {
  language: Language;
  theme: Theme;
  apiKey: string;
  /** Ask the server for the probabilities of each token. */
  probabilities: boolean;
  /** Models, system prompt and sampling that a new conversation starts with: those used last. */
  models: string[];
  system: string;
  sampling: Sampling;
  sidebar: boolean;
  panel: boolean;
}

const storageKey = 'caravan.settings';

const defaults = (): Settings => ({
  language: navigator.language?.toLowerCase().startsWith('zh') ? 'zh' : 'en',
  theme: 'auto',
  apiKey: '',
  probabilities: true,
  models: [],
  system: '',
  sampling: {},
  sidebar: true,
  panel: false,
});

function load(): Settings {
  const value = defaults();
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    for (const key of Object.keys(value) as (keyof Settings)[])
      if (stored?.[key] !== undefined && typeof stored[key] === typeof value[key]) (value as unknown as Record<string, unknown>)[key] = stored[key];
    if (!Array.isArray(value.models)) value.models = [];
    if (value.language !== 'zh') value.language = 'en';
  } catch {
    // Unreadable or forbidden storage: the defaults serve.
  }
  return value;
}

export const settings = signal<Settings>(load());

export function set(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
}

/** Keeps the settings and puts theme and language on the document. */
export function keepSettings(): void {
  effect(() => {
    const value = settings.value;
    try {
      localStorage.setItem(storageKey, JSON.stringify(value));
    } catch {
      // Full or forbidden: the settings hold for this visit.
    }
    const root = document.documentElement;
    if (value.theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = value.theme;
    root.lang = value.language === 'zh' ? 'zh-CN' : 'en';
  });
}
