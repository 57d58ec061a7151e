import type { Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Token } from '../api/chat';
import { formatNumber, formatPercent, t } from '../i18n';
import type { Conversation } from '../state/conversation';
import { branchAtToken } from '../state/generation';
import { perplexity, prefixBefore, probability, visible } from '../text/tokens';
import { memo } from './memo';
import { TokenPopover } from './TokenPopover';

interface Props {
  tokens: Token[];
  /** The tokens' number: the list itself is the same while it grows. */
  size: number;
  growing: boolean;
  content: string;
  target: Signal<Conversation>;
  lane: number;
  id: string;
  canBranch: boolean;
}

const chunk = 64;

/** An answer token by token, shaded by how unsure the model was. Hovering, tapping or the arrow keys show what it was choosing between. */
export function TokenView({ tokens, size, growing, content, target, lane, id, canBranch }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number | null>(null);
  const leaving = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(leaving.current), []);

  const indexOf = (event: Event) => {
    const span = (event.target as HTMLElement).closest<HTMLElement>('[data-token]');
    return span ? Number(span.dataset.token) : null;
  };
  const stay = () => clearTimeout(leaving.current);
  const leave = () => {
    stay();
    leaving.current = setTimeout(() => setActive(null), 250);
  };
  const enter = (event: Event) => {
    const index = indexOf(event);
    if (index === null) return;
    stay();
    setActive(index);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape' && active !== null) {
      event.preventDefault();
      setActive(null);
    } else if (step) {
      event.preventDefault();
      setActive(active === null ? 0 : Math.max(0, Math.min(size - 1, active + step)));
    }
  };
  const take = (index: number, other: Token) => {
    const prefix = prefixBefore(tokens, index, content);
    if (prefix !== null) branchAtToken(target, lane, id, prefix, tokens.slice(0, index), other);
  };

  if (size === 0) return <p class="hint">{t('noProbabilities')}</p>;
  const shown = active !== null && active < size ? tokens[active]! : null;
  const anchor = shown ? box.current?.querySelector<HTMLElement>(`[data-token="${active}"]`) : null;
  const chunks = Array.from({ length: Math.ceil(size / chunk) }, (_, i) => i * chunk);
  return (
    <div class="token-view">
      <div class="tokens" ref={box} dir="auto" tabindex={0} role="group" aria-label={t('probabilities')} onPointerOver={enter} onPointerLeave={leave}
        onClick={enter} onKeyDown={onKey} onBlur={leave} data-growing={growing}>
        {chunks.map((from) => <Chunk key={from} tokens={tokens} from={from} to={Math.min(size, from + chunk)} active={active !== null && active >= from && active < from + chunk ? active : -1} />)}
      </div>
      <p class="legend" aria-hidden="true">
        <span>{t('certain')}</span>
        <i class="scale" />
        <span>{t('unsure')}</span>
        <span class="grow" />
        <span>{t('perplexity', { n: formatNumber(perplexity(tokens), 2) })}</span>
      </p>
      {shown && anchor && (
        <TokenPopover token={shown} anchor={anchor} onEnter={stay} onLeave={leave}
          onTake={canBranch && prefixBefore(tokens, active!, content) !== null ? (other) => take(active!, other) : undefined} />
      )}
      <span class="off-screen" role="status">{shown ? t('tokenAt', { text: visible(shown.text), percent: formatPercent(probability(shown)) }) : ''}</span>
    </div>
  );
}

const Chunk = memo(({ tokens, from, to, active }: { tokens: Token[]; from: number; to: number; active: number }) => (
  <>
    {tokens.slice(from, to).map((token, i) => (
      <span key={i} data-token={from + i} data-active={from + i === active || undefined} style={{ '--unsure': `${Math.round((1 - probability(token)) * 100)}%` }}>
        {token.text.replaceAll('\n', '↵\n')}
      </span>
    ))}
  </>
));
