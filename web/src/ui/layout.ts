import { computed, signal } from '@preact/signals';
import { set, settings } from '../state/settings';

const query = matchMedia('(max-width: 760px)');
export const narrow = signal(query.matches);
query.addEventListener('change', () => (narrow.value = query.matches));

/** On a narrow page the sidebar and the panel lie over the conversation, one at a time. */
export const drawer = signal<'none' | 'sidebar' | 'panel'>('none');

export const sidebarOpen = computed(() => (narrow.value ? drawer.value === 'sidebar' : settings.value.sidebar));
export const panelOpen = computed(() => (narrow.value ? drawer.value === 'panel' : settings.value.panel));

export function setSidebar(open: boolean): void {
  if (narrow.value) slide(open ? 'sidebar' : 'none');
  else set({ sidebar: open });
}

export function setPanel(open: boolean): void {
  if (narrow.value) slide(open ? 'panel' : 'none');
  else set({ panel: open });
}

/** What lies over the page takes the focus, and the page gets it back. */
function slide(what: 'none' | 'sidebar' | 'panel'): void {
  drawer.value = what;
  requestAnimationFrame(() => document.querySelector<HTMLElement>(what === 'none' ? '.top button' : `.${what} .icon-button`)?.focus());
}

export const settingsOpen = signal(false);

/** Puts the cursor into the field for the next message, once it is there. */
export function focusComposer(): void {
  requestAnimationFrame(() => document.getElementById('composer-input')?.focus());
}

export function focusSearch(): void {
  setSidebar(true);
  requestAnimationFrame(() => {
    const field = document.getElementById('search') as HTMLInputElement | null;
    field?.focus();
    field?.select();
  });
}
