import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { keyWanted } from '../state/key';
import { route } from '../state/routes';
import { conversation } from '../state/store';
import { ChatPage } from './ChatPage';
import { KeyDialog } from './KeyDialog';
import { watchKeys } from './keyboard';
import { drawer, focusComposer, narrow, panelOpen, settingsOpen } from './layout';
import { ModelsPage } from './ModelsPage';
import { Panel } from './Panel';
import { SettingsDialog } from './SettingsDialog';
import { Sidebar } from './Sidebar';
import { Toasts } from './Toasts';

export function App() {
  useEffect(watchKeys, []);
  const title = route.value.page === 'models' ? (route.value.id ?? t('models')) : conversation.value.title;
  useEffect(() => {
    document.title = title ? `${title} · Caravan` : 'Caravan';
  }, [title]);
  const covered = narrow.value && drawer.value !== 'none';
  const chat = route.value.page === 'chat';
  return (
    <>
      {chat && <a class="skip" href="#composer-input" onClick={toComposer}>{t('skipToChat')}</a>}
      <Sidebar />
      <main inert={covered}>{chat ? <ChatPage /> : <ModelsPage />}</main>
      {chat && panelOpen.value && <Panel />}
      {covered && <div class="backdrop" onClick={() => (drawer.value = 'none')} />}
      {settingsOpen.value && <SettingsDialog />}
      {keyWanted.value && <KeyDialog />}
      <Toasts />
    </>
  );
}

function toComposer(event: MouseEvent): void {
  event.preventDefault();
  focusComposer();
}
