import { t } from '../i18n';
import { dismiss, toasts } from '../state/toasts';
import { IconButton } from './IconButton';

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((x) => (
        <div key={x.id} class="toast">
          <span>{x.text}</span>
          {x.action && (
            <button type="button" class="link" onClick={() => (x.action!.run(), dismiss(x.id))}>
              {x.action.label}
            </button>
          )}
          <IconButton icon="close" label={t('close')} onClick={() => dismiss(x.id)} />
        </div>
      ))}
    </div>
  );
}
