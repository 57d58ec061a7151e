import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { branchConversation } from '../state/branch';
import { isRunning, regenerate, resume, stop } from '../state/generation';
import { liveAnswers } from '../state/live';
import { splitReasoning } from '../text/reasoning';
import { unpack } from '../text/tokens';
import { CopyButton } from './CopyButton';
import { ErrorCard } from './ErrorCard';
import { IconButton } from './IconButton';
import { Markdown } from './Markdown';
import { memo } from './memo';
import { Reasoning } from './Reasoning';
import { LiveStats, StatsLine } from './StatsLine';
import type { MessageProps } from './Thread';
import { TokenView } from './TokenView';
import { ToolCalls } from './ToolCalls';
import { Versions } from './Versions';

export const AssistantMessage = memo((props: MessageProps) => {
  const { target, lane, id, last } = props;
  const [showTokens, setShowTokens] = useState(false);
  const c = target.value;
  const message = c.messages[id];
  const live = liveAnswers.value.get(id)?.value;
  if (!message) return null;

  const busy = isRunning(c.id);
  const shown = live ?? message;
  const { reasoning, answer, thinking } = splitReasoning(shown.content);
  const thoughts = shown.reasoning || reasoning;
  const calls = shown.toolCalls ?? [];
  const tokens = showTokens ? (live ? live.tokens : unpack(message.tokens)) : [];
  const empty = !answer && !thoughts && calls.length === 0;
  const name = message.model || t('assistant');
  return (
    <article class="message assistant" aria-label={t('answerOf', { model: name })} aria-busy={!!live} data-id={id}>
      {c.lanes.length < 2 && <h2 class="who">{name}</h2>}
      {thoughts && !showTokens && <Reasoning text={thoughts} open={!!live && !answer} growing={!!live && (thinking || !answer)} />}
      {showTokens ? (
        <TokenView tokens={tokens} growing={!!live} size={tokens.length} content={shown.content} target={target} lane={lane} id={id} canBranch={!busy} />
      ) : (
        answer && <Markdown source={answer} growing={!!live} />
      )}
      {live && empty && <p class="waiting" role="status"><i class="caret" /><span class="off-screen">{t('waiting')}</span></p>}
      {calls.length > 0 && <ToolCalls calls={calls} message={id} target={target} lane={lane} open={last && !busy} />}
      {!live && <Outcome finish={message.finish} empty={empty} failed={!!message.error} />}
      {!live && message.error && <ErrorCard failure={message.error} target={target} lane={lane} id={id} partial={!empty} />}
      <div class="actions">
        {live ? (
          <>
            <IconButton icon="stop" label={t('stop')} onClick={() => stop(c.id, id)} />
            {live.tokens.length > 0 && <TokensToggle on={showTokens} set={setShowTokens} />}
            <LiveStats live={live} />
          </>
        ) : (
          <>
            <Versions {...props} />
            <CopyButton text={() => answer || thoughts} />
            <IconButton icon="refresh" label={t('regenerate')} disabled={busy} onClick={() => regenerate(target, lane, id)} />
            {message.finish !== 'stop' && !empty && calls.length === 0 && (
              <IconButton icon="play" label={t('continueAnswer')} disabled={busy} onClick={() => resume(target, lane, id)} />
            )}
            {message.tokens && <TokensToggle on={showTokens} set={setShowTokens} />}
            <IconButton icon="branch" label={t('branchHere')} onClick={() => branchConversation(target, lane, id)} />
            {message.stats && <StatsLine stats={message.stats} />}
          </>
        )}
      </div>
    </article>
  );
});

function TokensToggle({ on, set }: { on: boolean; set: (on: boolean) => void }) {
  return <IconButton icon="bars" label={t(on ? 'hideProbabilities' : 'showProbabilities')} pressed={on} onClick={() => set(!on)} />;
}

/** Why an answer ended, where it did not end by itself. */
function Outcome({ finish, empty, failed }: { finish?: string; empty: boolean; failed: boolean }) {
  if (failed) return null;
  if (finish === 'aborted') return <p class="outcome">{t('stopped')}</p>;
  if (finish === undefined) return <p class="outcome">{t('interrupted')}</p>;
  if (finish === 'length') return <p class="outcome">{t('lengthReached')}</p>;
  return empty ? <p class="outcome">{t('emptyAnswer')}</p> : null;
}
