import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { pathTo, siblingsOf, type Conversation } from '../state/conversation';
import { AssistantMessage } from './AssistantMessage';
import { IconButton } from './IconButton';
import { ToolMessage } from './ToolMessage';
import { useStick } from './useStick';
import { UserMessage } from './UserMessage';

export interface MessageProps {
  target: Signal<Conversation>;
  lane: number;
  id: string;
  /** The version shown and how many there are. */
  version: number;
  versions: number;
  last: boolean;
}

/** One lane's branch. Messages look their own content up, so that a token draws only the message it belongs to. */
export function Thread({ target, lane }: { target: Signal<Conversation>; lane: number }) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const c = target.value;
  const leaf = c.lanes[lane]!.leaf;
  const path = pathTo(c, leaf);
  const asked = path.findLast((m) => m.role === 'user')?.id;
  const { away, toBottom } = useStick(scroller, content, asked);
  return (
    <div class="thread" ref={scroller} tabindex={-1}>
      <div class="messages" ref={content} role="log" aria-live="off" aria-label={t('conversationLog')}>
        {path.map((m, i) => {
          const versions = siblingsOf(c, m.id).filter((x) => c.messages[x]!.role === m.role);
          const props: MessageProps = { target, lane, id: m.id, version: versions.indexOf(m.id) + 1, versions: versions.length, last: i === path.length - 1 };
          if (m.role === 'user') return <UserMessage key={m.id} {...props} />;
          if (m.role === 'tool') return <ToolMessage key={m.id} {...props} />;
          return <AssistantMessage key={m.id} {...props} />;
        })}
      </div>
      {away.value && <IconButton icon="toBottom" class="to-bottom" label={t('toLatest')} onClick={toBottom} />}
    </div>
  );
}
