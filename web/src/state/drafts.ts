/** What was typed and not yet sent, by conversation; it outlives a reload. */
const key = (id: string) => `caravan.draft.${id}`;

export function readDraft(id: string): string {
  try {
    return localStorage.getItem(key(id)) ?? '';
  } catch {
    return '';
  }
}

export function keepDraft(id: string, text: string): void {
  try {
    if (text) localStorage.setItem(key(id), text);
    else localStorage.removeItem(key(id));
  } catch {
    // Full or forbidden: the draft holds while the page does.
  }
}
