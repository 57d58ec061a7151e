import { t } from '../i18n';
import { Icon } from './icons';
import { memo } from './memo';
import type { MessageProps } from './Thread';
import { pretty } from './ToolCalls';

export const ToolMessage = memo(({ target, id }: MessageProps) => {
  const message = target.value.messages[id];
  if (!message) return null;
  return (
    <article class="message card" aria-label={t('toolResult')} data-id={id}>
      <p class="card-title">
        <Icon name="tool" />
        <span>{t('toolResult')}</span>
      </p>
      <pre dir="auto" tabindex={0}>{pretty(message.content)}</pre>
    </article>
  );
});
