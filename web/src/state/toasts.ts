import { signal } from '@preact/signals';
import { newId } from './conversation';

export interface Toast {
  id: string;
  text: string;
  action?: { label: string; run: () => void };
}

export const toasts = signal<Toast[]>([]);

export function toast(text: string, action?: Toast['action'], milliseconds = action ? 8000 : 3500): void {
  const id = newId();
  toasts.value = [...toasts.value.slice(-2), { id, text, action }];
  setTimeout(() => dismiss(id), milliseconds);
}

export function dismiss(id: string): void {
  toasts.value = toasts.value.filter((x) => x.id !== id);
}
