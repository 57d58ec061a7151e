import { t } from '../i18n';
import { conversation, current } from '../state/store';
import { Composer } from './Composer';
import { Empty } from './Empty';
import { Header } from './Header';
import { LaneHeader } from './LaneHeader';
import { Thread } from './Thread';

export function ChatPage() {
  const c = conversation.value;
  const target = current.value;
  const many = c.lanes.length > 1;
  return (
    <div class="chat" data-empty={c.roots.length === 0 && !many}>
      <Header />
      <div class="lanes" data-many={many}>
        {c.lanes.map((lane, i) => (
          <section key={`${c.id}/${i}`} class="lane" aria-label={many ? t('answerOf', { model: lane.model }) : t('conversationLog')}>
            {many && <LaneHeader lane={i} />}
            {lane.leaf === null ? !many && <Empty model={lane.model} /> : <Thread target={target} lane={i} />}
          </section>
        ))}
      </div>
      <Composer key={c.id} target={target} />
    </div>
  );
}
