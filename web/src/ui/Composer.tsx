import type { Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import type { Conversation } from '../state/conversation';
import { keepDraft, readDraft } from '../state/drafts';
import { isRunning, send, stop } from '../state/generation';
import { AutoTextarea } from './AutoTextarea';
import { IconButton } from './IconButton';
import { focusComposer, narrow } from './layout';

/** The field for the next message. While an answer is written one can type, but not send. */
export function Composer({ target }: { target: Signal<Conversation> }) {
  const c = target.value;
  // Drafts of a conversation not begun are one, whatever id it has this time.
  const place = c.roots.length === 0 ? 'new' : c.id;
  const [text, setText] = useState(() => readDraft(place));
  const busy = isRunning(c.id);
  const ready = c.lanes.every((l) => l.model !== '');
  useEffect(() => {
    if (!narrow.peek()) focusComposer();
  }, []);
  const type = (value: string) => {
    setText(value);
    keepDraft(place, value);
  };
  const submit = () => {
    if (busy || !ready || !text.trim()) return;
    const words = text;
    type('');
    send(target, words);
    // On a phone the keyboard on the screen makes room for the answer.
    if (narrow.peek()) (document.activeElement as HTMLElement | null)?.blur();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && text === '') {
      const buttons = document.querySelectorAll<HTMLButtonElement>('.lane:first-child .edit-button:not([disabled])');
      if (buttons.length === 0) return;
      event.preventDefault();
      buttons[buttons.length - 1]!.click();
    }
  };
  return (
    <form class="composer" onSubmit={(e) => (e.preventDefault(), submit())}>
      <div class="composer-box">
        <AutoTextarea id="composer-input" label={t('message')} placeholder={t('messagePlaceholder')} value={text} onInput={type} onKeyDown={onKey} />
        {busy ? (
          <IconButton icon="stop" class="send" label={t(c.lanes.length > 1 ? 'stopAll' : 'stop')} onClick={() => stop(c.id)} />
        ) : (
          <IconButton icon="send" class="send" label={t('send')} disabled={!ready || !text.trim()} onClick={submit} />
        )}
      </div>
      <p class="hint">{t(busy ? 'composerBusy' : 'composerHint')}</p>
    </form>
  );
}
