import { stop } from '../state/generation';
import { chatPath, go } from '../state/routes';
import { conversation } from '../state/store';
import { drawer, focusComposer, focusSearch } from './layout';

/** The keys that work everywhere on the page. */
export function watchKeys(): () => void {
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.shiftKey && key === 'k') {
    event.preventDefault();
    focusSearch();
  } else if (command && event.shiftKey && key === 'o') {
    event.preventDefault();
    newChat();
  } else if (key === 'escape') {
    // What lies on top takes Esc for itself.
    if (document.querySelector('dialog[open], :popover-open')) return;
    if (drawer.value !== 'none') drawer.value = 'none';
    else stop(conversation.value.id);
  } else if (key === '/' && !command && !isTyping(event.target)) {
    event.preventDefault();
    focusComposer();
  }
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function newChat(): void {
  drawer.value = 'none';
  go(chatPath(null));
  focusComposer();
}
