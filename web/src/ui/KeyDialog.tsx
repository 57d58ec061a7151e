import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { keyWanted } from '../state/key';
import { modelsFailure, readModels } from '../state/models';
import { set, settings } from '../state/settings';
import { Dialog } from './Dialog';

/** Asks for the key that the server wants, then does again what the key was wanted for. */
export function KeyDialog() {
  const before = settings.value.apiKey;
  const [key, setKey] = useState(before);
  const submit = async (event: Event) => {
    event.preventDefault();
    const wanted = keyWanted.value;
    keyWanted.value = null;
    set({ apiKey: key.trim() });
    await readModels();
    if (modelsFailure.value?.kind === 'unauthorized') keyWanted.value = wanted;
    else wanted?.again();
  };
  return (
    <Dialog title={t('keyTitle')} onClose={() => (keyWanted.value = null)}>
      <form onSubmit={(e) => void submit(e)}>
        <p>{t(before ? 'keyRejected' : 'keyText')}</p>
        <label class="field">
          <span class="field-name">{t('apiKey')}</span>
          <input type="password" autocomplete="off" value={key} aria-label={t('apiKey')} autofocus onInput={(e) => setKey(e.currentTarget.value)} />
        </label>
        <div class="buttons">
          <button type="button" class="quiet" onClick={() => (keyWanted.value = null)}>{t('cancel')}</button>
          <button type="submit" class="primary" disabled={!key.trim()}>{t('useKey')}</button>
        </div>
      </form>
    </Dialog>
  );
}
