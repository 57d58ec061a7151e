import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Token } from '../api/chat';
import { formatPercent, t } from '../i18n';
import { choices, probability, visible } from '../text/tokens';
import { place } from './Menu';

interface Props {
  token: Token;
  anchor: HTMLElement;
  onEnter: () => void;
  onLeave: () => void;
  onTake?: (other: Token) => void;
}

/** What a token was chosen from, with its probabilities; an alternative can be taken instead. */
export function TokenPopover({ token, anchor, onEnter, onLeave, onTake }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!box.current!.matches(':popover-open')) box.current!.showPopover();
    place(box.current!, anchor);
  }, [anchor, token]);
  const list = choices(token);
  const rest = Math.max(0, 1 - list.reduce((sum, c) => sum + probability(c), 0));
  return (
    <div ref={box} popover="manual" class="token-popover" role="dialog" aria-label={t('choicesTitle')} onPointerEnter={onEnter} onPointerLeave={onLeave}>
      <p class="token-title">{t('choicesTitle')}</p>
      <ul>
        {list.map((c, i) => {
          const row = (
            <>
              <code dir="auto">{visible(c.text)}</code>
              <span class="bar"><i style={{ width: `${probability(c) * 100}%` }} /></span>
              <span class="percent">{formatPercent(probability(c))}</span>
            </>
          );
          return (
            <li key={i} data-chosen={c.chosen}>
              {onTake && !c.chosen && !/<[0-9A-F]{2}>/.test(c.text) ? (
                <button type="button" title={t('takeToken', { text: visible(c.text) })} onPointerDown={(e) => e.preventDefault()} onClick={() => onTake({ text: c.text, logprob: c.logprob, top: token.top })}>
                  {row}
                </button>
              ) : (
                <span class="row">{row}{c.chosen && <span class="off-screen">{t('chosen')}</span>}</span>
              )}
            </li>
          );
        })}
        {list.length > 1 && rest > 0.0005 && (
          <li class="rest"><span class="row"><em>{t('otherTokens')}</em><span class="bar"><i style={{ width: `${rest * 100}%` }} /></span><span class="percent">{formatPercent(rest)}</span></span></li>
        )}
      </ul>
      {onTake && list.length > 1 && <p class="hint">{t('takeHint')}</p>}
    </div>
  );
}
