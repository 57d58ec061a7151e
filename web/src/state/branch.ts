import type { Signal } from '@preact/signals';
import { t } from '../i18n';
import { addMessage, newConversation, pathTo, type Conversation } from './conversation';
import { chatPath, go } from './routes';
import { addConversations } from './store';
import { toast } from './toasts';

/** Opens a new conversation that holds the branch up to a message. */
export function branchConversation(target: Signal<Conversation>, lane: number, id: string): void {
  const from = target.peek();
  let c = newConversation([from.lanes[lane]!.model], from.system, from.sampling);
  let parent: string | null = null;
  for (const message of pathTo(from, id)) [c, parent] = addMessage(c, parent, { ...message, id: undefined });
  c = { ...c, title: from.title, lanes: [{ model: from.lanes[lane]!.model, leaf: parent }] };
  void addConversations([c]).then(() => {
    go(chatPath(c.id));
    toast(t('branched'));
  });
}
