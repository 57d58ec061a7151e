import { t } from '../i18n';
import { send } from '../state/generation';
import { current } from '../state/store';
import { modelById, supports } from '../state/models';
import { Logo } from './icons';
import { ModelsFailure } from './ModelsFailure';

export function Empty({ model }: { model: string }) {
  return (
    <div class="empty">
      <Logo />
      <h1>{t('emptyTitle')}</h1>
      <ModelsFailure />
      <p>{model ? t('emptyText', { model }) : t('emptyTextNoModel')}</p>
      {model && !supports(modelById(model), 'chat') && <p>{t('continuesText')}</p>}
      <ul class="suggestions">
        {(['suggestion1', 'suggestion2', 'suggestion3'] as const).map((key) => (
          <li key={key}>
            <button type="button" disabled={!model} onClick={() => send(current.value, t(key))}>{t(key)}</button>
          </li>
        ))}
      </ul>
    </div>
  );
}
