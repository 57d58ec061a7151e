import { useEffect, useState } from 'preact/hooks';
import { getModel } from '../api/client';
import type { Model, ModelFacts, Support } from '../api/types';
import { formatBytes, formatCount, formatNumber, t, type Key } from '../i18n';
import { chooseModel } from '../state/lanes';
import { modelById, supports } from '../state/models';
import { Icon } from './icons';
import { newChat } from './keyboard';
import { Shares } from './Shares';

export function ModelDetail({ id }: { id: string }) {
  const [model, setModel] = useState<Model | undefined>(modelById(id));
  useEffect(() => {
    void getModel(id).then(setModel, () => {});
  }, [id]);
  const shown = model ?? modelById(id);
  if (!shown) return null;
  const facts = shown.caravan ?? {};
  const start = () => {
    newChat();
    chooseModel(0, id);
  };
  return (
    <>
      <p class="lead model-lead">
        <span class="dot" data-on={!!facts.loaded} />
        <span>{t(facts.loaded ? 'loaded' : 'notLoaded')}</span>
        <span class="grow" />
        {supports(shown, 'chat') && <button type="button" class="primary" onClick={start}><Icon name="compose" />{t('chatWith')}</button>}
      </p>
      <section class="card">
        <h2>{t('facts')}</h2>
        <dl class="facts">
          {rows(facts).map(([key, value]) => (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {facts.supports && <Capabilities of={facts.supports} />}
      </section>
      <section class="card">
        <h2>{t('memory')}</h2>
        {facts.memory ? (
          <Shares parts={[[t('memoryWeights'), facts.memory.weights], [t('memoryPages'), facts.memory.pages], [t('memoryStates'), facts.memory.states]]} />
        ) : (
          <p class="hint">{t('memoryAbsent')}</p>
        )}
      </section>
      {facts.types && (
        <section class="card">
          <h2>{t('tensorTypes')}</h2>
          <Shares parts={Object.entries(facts.types).sort((a, b) => b[1] - a[1])} />
        </section>
      )}
    </>
  );
}

function rows(f: ModelFacts): [Key, string][] {
  const tokens = (n: number | undefined) => (n === undefined ? '' : t('statTokens', { n: formatNumber(n) }));
  const all: [Key, string | undefined][] = [
    ['family', f.family],
    ['architecture', f.architecture],
    ['parameters', f.parameters === undefined ? '' : formatCount(f.parameters)],
    ['quantization', f.quantization],
    ['fileSize', f.file_bytes === undefined ? '' : formatBytes(f.file_bytes)],
    ['contextLength', tokens(f.context_length)],
    ['trainedContext', tokens(f.trained_context_length)],
    ['layers', f.layers === undefined ? '' : formatNumber(f.layers)],
    ['hiddenSize', f.hidden_size === undefined ? '' : formatNumber(f.hidden_size)],
    ['vocabulary', f.vocabulary_size === undefined ? '' : formatNumber(f.vocabulary_size)],
    ['template', f.loaded ? f.template || t('noTemplate') : f.template],
  ];
  return all.filter((row): row is [Key, string] => !!row[1]);
}

const names: Record<Support, Key> = {
  chat: 'supportsChat', completions: 'supportsCompletions', embeddings: 'supportsEmbeddings', images: 'supportsImages', tools: 'supportsTools', fill_in_the_middle: 'supportsFillInTheMiddle',
};

function Capabilities({ of }: { of: Partial<Record<Support, boolean>> }) {
  return (
    <div class="capabilities">
      <span class="field-name">{t('capabilities')}</span>
      <ul>{(Object.keys(names) as Support[]).filter((key) => of[key]).map((key) => <li key={key}>{t(names[key])}</li>)}</ul>
    </div>
  );
}
