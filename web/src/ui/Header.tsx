import { t } from '../i18n';
import { addLane } from '../state/lanes';
import { chatModels } from '../state/models';
import { conversation } from '../state/store';
import { IconButton } from './IconButton';
import { newChat } from './keyboard';
import { panelOpen, setPanel, setSidebar, sidebarOpen } from './layout';
import { ModelPicker } from './ModelPicker';

export function Header() {
  const c = conversation.value;
  const many = c.lanes.length > 1;
  return (
    <header class="top">
      {!sidebarOpen.value && (
        <>
          <IconButton icon="sidebar" label={t('showSidebar')} onClick={() => setSidebar(true)} />
          <IconButton icon="compose" label={t('newChat')} onClick={newChat} />
        </>
      )}
      {!many && <ModelPicker lane={0} />}
      {(many || c.title) && <h1 class={many ? 'top-title' : 'off-screen'} dir="auto">{c.title || t('compare')}</h1>}
      <span class="grow" />
      {chatModels.value.length > 1 && c.lanes.length < 4 && <IconButton icon="columns" label={t('addModel')} onClick={addLane} />}
      <IconButton icon="sliders" label={t(panelOpen.value ? 'hidePanel' : 'showPanel')} pressed={panelOpen.value} onClick={() => setPanel(!panelOpen.value)} />
    </header>
  );
}
