import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { edit, isRunning } from '../state/generation';
import { AutoTextarea } from './AutoTextarea';
import { CopyButton } from './CopyButton';
import { IconButton } from './IconButton';
import { memo } from './memo';
import type { MessageProps } from './Thread';
import { Versions } from './Versions';

export const UserMessage = memo((props: MessageProps) => {
  const { target, lane, id } = props;
  const [editing, setEditing] = useState(false);
  const message = target.value.messages[id];
  if (!message) return null;
  const busy = isRunning(target.value.id);
  return (
    <article class="message user" aria-label={t('you')} data-id={id}>
      {editing ? (
        <EditField text={message.content} onCancel={() => setEditing(false)} onSend={(text) => (setEditing(false), edit(target, lane, id, text))} />
      ) : (
        <>
          <div class="bubble" dir="auto">{message.content}</div>
          <div class="actions">
            <CopyButton text={() => message.content} />
            <IconButton icon="edit" class="edit-button" label={t('edit')} disabled={busy} onClick={() => setEditing(true)} />
            <Versions {...props} />
          </div>
        </>
      )}
    </article>
  );
});

function EditField({ text, onCancel, onSend }: { text: string; onCancel: () => void; onSend: (text: string) => void }) {
  const [value, setValue] = useState(text);
  const send = () => value.trim() && onSend(value);
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onCancel();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form class="edit" onSubmit={(e) => (e.preventDefault(), send())}>
      <AutoTextarea label={t('editMessage')} value={value} onInput={setValue} onKeyDown={onKey} autoFocus />
      <div class="buttons">
        <button type="button" class="quiet" onClick={onCancel}>{t('cancel')}</button>
        <button type="submit" class="primary" disabled={!value.trim()}>{t('saveAndSend')}</button>
      </div>
    </form>
  );
}
