import { useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { isRunning, stop } from '../state/generation';
import { chatPath, go, route } from '../state/routes';
import type { Head } from '../state/storage';
import { load, removeConversations, rename } from '../state/store';
import { toast } from '../state/toasts';
import { download, fileName, toJson, toMarkdown } from '../state/transfer';
import { Icon } from './icons';
import { drawer } from './layout';
import { Menu, type MenuItem } from './Menu';

export function ConversationItem({ head }: { head: Head }) {
  const [renaming, setRenaming] = useState(false);
  const title = head.title || t('untitled');
  const here = route.value.page === 'chat' && route.value.id === head.id;
  if (renaming) return <li><RenameField head={head} onDone={() => setRenaming(false)} /></li>;
  return (
    <li class="conversation" data-here={here}>
      <a href={chatPath(head.id)} aria-current={here ? 'page' : undefined} dir="auto" title={title} onClick={(e) => open(e, head.id)}>
        <span>{title}</span>
        {isRunning(head.id) && <i class="pulse" role="img" aria-label={t('generating')} />}
      </a>
      <Menu label={t('actionsFor', { title })} items={actions(head, () => setRenaming(true))}>
        <Icon name="more" />
      </Menu>
    </li>
  );
}

function open(event: MouseEvent, id: string): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  drawer.value = 'none';
  go(chatPath(id));
}

function actions(head: Head, startRename: () => void): MenuItem[] {
  return [
    { label: t('rename'), icon: 'edit', run: startRename },
    { label: t('exportMarkdown'), icon: 'download', run: () => void exportOne(head, 'md') },
    { label: t('exportJson'), icon: 'download', run: () => void exportOne(head, 'json') },
    { label: t('delete'), icon: 'trash', danger: true, run: () => void remove(head) },
  ];
}

async function exportOne(head: Head, kind: 'md' | 'json'): Promise<void> {
  const c = (await load(head.id))?.peek();
  if (!c) return;
  if (kind === 'md') download(`${fileName(c.title)}.md`, 'text/markdown', toMarkdown(c));
  else download(`${fileName(c.title)}.json`, 'application/json', toJson([c]));
}

async function remove(head: Head): Promise<void> {
  stop(head.id);
  const undo = await removeConversations([head.id]);
  toast(t('deleted', { title: head.title || t('untitled') }), { label: t('undo'), run: undo });
}

/** Takes the cursor once the field is there. */
const grab = (field: HTMLInputElement | null): void => {
  if (!field || document.activeElement === field) return;
  field.focus();
  field.select();
};

function RenameField({ head, onDone }: { head: Head; onDone: () => void }) {
  const cancelled = useRef(false);
  const finish = (text: string) => {
    if (!cancelled.current) void rename(head.id, text);
    onDone();
  };
  const onKey = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      cancelled.current = true;
      event.currentTarget.blur();
    } else if (event.key === 'Enter') event.currentTarget.blur();
  };
  return (
    <input class="rename" defaultValue={head.title} aria-label={t('title')} dir="auto" maxLength={200} onKeyDown={onKey}
      ref={grab} onBlur={(e) => finish(e.currentTarget.value)} />
  );
}
