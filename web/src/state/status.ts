import { signal } from '@preact/signals';
import { getStatus } from '../api/client';
import type { ServerStatus } from '../api/types';

/** The server's state: not asked yet, not told, or told. */
export const status = signal<ServerStatus | 'unknown' | 'absent'>('unknown');

/** Tokens in a second over the last minute, one value a second, newest last. */
export const history = signal<number[]>([]);
export const seconds = 60;

/** Asks once a second while someone watches and the page is seen; returns what ends it. */
export function watchStatus(): () => void {
  const controller = new AbortController();
  const ask = async () => {
    if (document.hidden) return;
    try {
      const now = await getStatus(controller.signal);
      status.value = Array.isArray(now?.models) ? now : 'absent';
      if (status.value === 'absent') return;
      history.value = [...history.value, now.models.reduce((sum, m) => sum + (m.tokens_per_second || 0), 0)].slice(-seconds);
    } catch {
      if (!controller.signal.aborted && status.value === 'unknown') status.value = 'absent';
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), 1000);
  return () => {
    clearInterval(timer);
    controller.abort();
  };
}
