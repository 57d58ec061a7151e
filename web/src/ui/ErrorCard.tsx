import type { Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Failure } from '../api/client';
import { t } from '../i18n';
import type { Conversation } from '../state/conversation';
import { isRunning, retry } from '../state/generation';
import { keyWanted } from '../state/key';
import { Icon } from './icons';

interface Props {
  failure: Failure;
  target: Signal<Conversation>;
  lane: number;
  id: string;
  /** There is text to go on from. */
  partial: boolean;
}

/** What went wrong, where it did, and the way on. */
export function ErrorCard({ failure, target, lane, id, partial }: Props) {
  const left = useCountdown(failure);
  const again = () => retry(target, lane, id);
  const word = t(partial ? 'continueAnswer' : 'retry');
  return (
    <div class="error" role="alert" data-kind={failure.kind}>
      <Icon name="warning" />
      <p>
        <strong>{headline(failure)}</strong>
        {failure.kind !== 'server' && failure.kind !== 'broken' && failure.message && <small dir="auto">{failure.message}</small>}
      </p>
      {failure.kind === 'unauthorized' ? (
        <button type="button" class="quiet" onClick={() => (keyWanted.value = { again })}>{t('enterKey')}</button>
      ) : (
        <button type="button" class="quiet" disabled={isRunning(target.value.id)} onClick={again}>{left > 0 ? t('retryIn', { n: left }) : word}</button>
      )}
    </div>
  );
}

export function headline(failure: Failure): string {
  switch (failure.kind) {
    case 'network': return t('errorNetwork');
    case 'broken': return t('errorBroken');
    case 'unauthorized': return t('errorUnauthorized');
    case 'busy': return t('errorBusy');
    case 'server': return t('errorServer', { message: failure.message });
  }
}

/** Seconds until the server wants to be asked again, counted from when this failure was first shown. */
function useCountdown(failure: Failure): number {
  const [left, setLeft] = useState(failure.retryAfter ?? 0);
  useEffect(() => {
    setLeft(failure.retryAfter ?? 0);
    if (!failure.retryAfter) return;
    const timer = setInterval(() => setLeft((n) => {
      if (n <= 1) clearInterval(timer);
      return Math.max(0, n - 1);
    }), 1000);
    return () => clearInterval(timer);
  }, [failure]);
  return left;
}
