import { t } from '../i18n';
import { keyWanted } from '../state/key';
import { modelsFailure, readModels } from '../state/models';
import { headline } from './ErrorCard';
import { Icon } from './icons';

/** Says why the models could not be listed, where that is so. */
export function ModelsFailure() {
  const failure = modelsFailure.value;
  if (!failure) return null;
  const wantsKey = failure.kind === 'unauthorized';
  return (
    <div class="error" role="alert" data-kind={failure.kind}>
      <Icon name="warning" />
      <p>
        <strong>{t('modelsUnreachable')}</strong>
        <small>{headline(failure)}</small>
      </p>
      <button type="button" class="quiet" onClick={() => (wantsKey ? (keyWanted.value = { again: () => {} }) : void readModels())}>{t(wantsKey ? 'enterKey' : 'retry')}</button>
    </div>
  );
}
