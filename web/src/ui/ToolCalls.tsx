import type { Signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { ToolCall } from '../api/chat';
import { t } from '../i18n';
import type { Conversation } from '../state/conversation';
import { sendToolResult } from '../state/generation';
import { AutoTextarea } from './AutoTextarea';
import { Icon } from './icons';

interface Props {
  calls: ToolCall[];
  message: string;
  target: Signal<Conversation>;
  lane: number;
  /** Results can be given. */
  open: boolean;
}

/** The tools an answer asks for, and fields for what they returned. */
export function ToolCalls({ calls, message, target, lane, open }: Props) {
  return (
    <ul class="tool-calls">
      {calls.map((call, i) => (
        <li key={i} class="card">
          <p class="card-title">
            <Icon name="tool" />
            <span>{t('toolCall')}</span>
            <code dir="ltr">{call.name}</code>
          </p>
          <pre dir="ltr" tabindex={0} aria-label={t('toolArguments')}>{pretty(call.arguments)}</pre>
          {open && <ResultField onSend={(text) => sendToolResult(target, lane, message, call.id, text)} />}
        </li>
      ))}
    </ul>
  );
}

function ResultField({ onSend }: { onSend: (text: string) => void }) {
  const [text, setText] = useState('');
  return (
    <form class="tool-result-form" onSubmit={(e) => (e.preventDefault(), onSend(text), setText(''))}>
      <AutoTextarea label={t('toolResult')} placeholder={t('toolResultPlaceholder')} value={text} onInput={setText} />
      <button type="submit" class="quiet">{t('sendToolResult')}</button>
    </form>
  );
}

/** Arguments that are whole JSON are laid out; others, such as those still coming, are shown as they are. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
