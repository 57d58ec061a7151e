import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t, type Key } from '../i18n';
import { go, modelPath, route } from '../state/routes';
import type { Head } from '../state/storage';
import { heads, keeping, searchConversations } from '../state/store';
import { ConversationItem } from './ConversationItem';
import { Icon, Logo } from './icons';
import { IconButton } from './IconButton';
import { newChat } from './keyboard';
import { drawer, setSidebar, settingsOpen, sidebarOpen } from './layout';

const words = signal('');
const matches = signal<Set<string> | null>(null);

export function Sidebar() {
  const text = words.value.trim();
  const list = heads.value;
  useEffect(() => {
    if (!text) return void (matches.value = null);
    let stale = false;
    const timer = setTimeout(async () => {
      const found = await searchConversations(text);
      if (!stale) matches.value = found;
    }, 120);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [text, list]);

  const shown = matches.value ? list.filter((h) => matches.value!.has(h.id)) : list;
  return (
    <aside class="sidebar" data-open={sidebarOpen.value} inert={!sidebarOpen.value} aria-label={t('conversations')}>
      <div class="sidebar-top">
        <a class="brand" href="#/" onClick={(e) => (e.preventDefault(), newChat())}>
          <Logo />
          <span>Caravan</span>
        </a>
        <IconButton icon="sidebar" label={t('hideSidebar')} onClick={() => setSidebar(false)} />
      </div>
      <button type="button" class="row-button" aria-keyshortcuts="Control+Shift+O Meta+Shift+O" onClick={newChat}>
        <Icon name="compose" />
        <span>{t('newChat')}</span>
        <kbd aria-hidden="true">{shortcut('⇧O')}</kbd>
      </button>
      <label class="search">
        <Icon name="search" />
        <input id="search" type="search" value={words.value} placeholder={t('searchShort')} aria-label={t('search')} dir="auto" autocomplete="off"
          onInput={(e) => (words.value = e.currentTarget.value)} onKeyDown={clearOnEscape} />
        {!words.value && <kbd aria-hidden="true">{shortcut('K')}</kbd>}
      </label>
      <nav class="conversations" aria-label={t('conversations')}>
        {shown.length === 0 && <p class="hint">{text ? t('noMatches', { text }) : t('noConversations')}</p>}
        {grouped(shown).map(([key, group]) => (
          <section key={key}>
            <h2>{t(key)}</h2>
            <ul>{group.map((head) => <ConversationItem key={head.id} head={head} />)}</ul>
          </section>
        ))}
      </nav>
      {keeping.value !== 'yes' && <p class="notice" role="alert"><Icon name="warning" />{t(keeping.value === 'full' ? 'storageFull' : 'storageNone')}</p>}
      <div class="sidebar-bottom">
        <a class="row-button" href="#/models" aria-current={route.value.page === 'models' ? 'page' : undefined}
          onClick={(e) => (e.preventDefault(), (drawer.value = 'none'), go(modelPath(null)))}>
          <Icon name="chip" />
          <span>{t('models')}</span>
        </a>
        <button type="button" class="row-button" onClick={() => (settingsOpen.value = true)}>
          <Icon name="gear" />
          <span>{t('settings')}</span>
        </button>
      </div>
    </aside>
  );
}

function clearOnEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || !words.value) return;
  event.preventDefault();
  words.value = '';
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const shortcut = (key: string): string => (isMac ? `⌘${key}` : `Ctrl ${key}`);

/** The conversations under the days they were last changed on. */
function grouped(list: Head[]): [Key, Head[]][] {
  const midnight = new Date().setHours(0, 0, 0, 0);
  const day = 86_400_000;
  const bounds: [Key, number][] = [['today', midnight], ['yesterday', midnight - day], ['lastWeek', midnight - 6 * day], ['older', -Infinity]];
  const groups = new Map<Key, Head[]>();
  for (const head of list) {
    const key = bounds.find(([, from]) => head.updated >= from)![0];
    groups.set(key, [...(groups.get(key) ?? []), head]);
  }
  return bounds.flatMap(([key]) => (groups.has(key) ? [[key, groups.get(key)!] as [Key, Head[]]] : []));
}
