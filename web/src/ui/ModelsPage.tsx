import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { models, modelsFailure, modelsRead, readModels } from '../state/models';
import { go, modelPath, route } from '../state/routes';
import { Icon } from './icons';
import { IconButton } from './IconButton';
import { setSidebar, sidebarOpen } from './layout';
import { ModelDetail } from './ModelDetail';
import { ModelsFailure } from './ModelsFailure';
import { describe } from './ModelPicker';
import { ServerLive } from './ServerLive';

/** What the server runs: its live figures, its models, and one model's facts. */
export function ModelsPage() {
  useEffect(() => void readModels(), []);
  const id = route.value.id;
  return (
    <div class="page">
      <header class="top">
        {!sidebarOpen.value && <IconButton icon="sidebar" label={t('showSidebar')} onClick={() => setSidebar(true)} />}
        {id && <IconButton icon="left" label={t('backToModels')} onClick={() => go(modelPath(null))} />}
        <h1 class="top-title" dir="auto">{id ?? t('models')}</h1>
      </header>
      <div class="page-body" tabindex={-1}>
        <ModelsFailure />
        {id ? <ModelDetail key={id} id={id} /> : <Overview />}
      </div>
    </div>
  );
}

function Overview() {
  return (
    <>
      <p class="lead">{t('modelsIntro')}</p>
      <ServerLive />
      {modelsRead.value && models.value.length === 0 && !modelsFailure.value && <p class="hint">{t('noModels')}</p>}
      <ul class="model-cards">
        {models.value.map((model) => (
          <li key={model.id}>
            <a class="card model-card" href={modelPath(model.id)} onClick={(e) => (e.preventDefault(), go(modelPath(model.id)))}>
              <span class="dot" data-on={!!model.caravan?.loaded} />
              <span class="model-line">
                <strong>{model.id}</strong>
                <small>{describe(model)}</small>
              </span>
              <Icon name="right" />
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
