import { useId, useRef } from 'preact/hooks';
import type { Model } from '../api/types';
import { formatBytes, formatCount, t } from '../i18n';
import { chooseModel } from '../state/lanes';
import { chatModels, modelsFailure, modelsRead, readModels } from '../state/models';
import { conversation } from '../state/store';
import { Icon } from './icons';
import { focusComposer } from './layout';
import { moveFocus, place } from './Menu';

/** The model of a lane, and the list to choose another from. */
export function ModelPicker({ lane }: { lane: number }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const chosen = conversation.value.lanes[lane]?.model ?? '';
  const name = chosen || t(modelsRead.value ? 'chooseModel' : 'loading');
  const opened = (event: { newState: string }) => {
    if (event.newState !== 'open') return;
    void readModels();
    place(list.current!, button.current!);
    (list.current!.querySelector<HTMLElement>('[aria-checked=true]') ?? list.current!.querySelector('button'))?.focus();
  };
  const choose = (model: Model) => {
    list.current?.hidePopover();
    chooseModel(lane, model.id);
    focusComposer();
  };
  return (
    <>
      <button ref={button} type="button" class="picker" aria-haspopup="menu" popovertarget={id} aria-label={`${t('model')}: ${name}`}>
        <span>{name}</span>
        <Icon name="down" />
      </button>
      <div ref={list} id={id} popover="auto" class="menu models-menu" role="menu" aria-label={t('chooseModel')} onToggle={opened} onKeyDown={moveFocus}>
        {modelsFailure.value && <p class="hint">{t('modelsUnreachable')}</p>}
        {modelsRead.value && !modelsFailure.value && chatModels.value.length === 0 && <p class="hint">{t('noModels')}</p>}
        {chatModels.value.map((model) => (
          <button key={model.id} type="button" role="menuitemradio" tabIndex={-1} aria-checked={model.id === chosen} onClick={() => choose(model)}>
            <span class="model-line">
              <strong>{model.id}</strong>
              <small>{describe(model)}</small>
            </span>
            {model.id === chosen && <Icon name="check" />}
          </button>
        ))}
      </div>
    </>
  );
}

export function describe(model: Model): string {
  const facts = model.caravan;
  if (!facts) return '';
  const parts = [
    facts.parameters ? formatCount(facts.parameters) : '',
    facts.quantization ?? '',
    facts.file_bytes ? formatBytes(facts.file_bytes) : '',
    t(facts.loaded ? 'loaded' : 'notLoaded'),
  ];
  return parts.filter(Boolean).join(' · ');
}
