import { t } from '../i18n';
import type { Sampling } from '../state/sampling';
import { ranges, readJson } from '../state/sampling';
import { set } from '../state/settings';
import { change, conversation, current } from '../state/store';
import { AutoTextarea } from './AutoTextarea';
import { IconButton } from './IconButton';
import { setPanel } from './layout';
import { FormatField } from './FormatField';
import { NumberField } from './NumberField';
import { RangeField } from './RangeField';

function setSampling(more: Partial<Sampling>): void {
  change(current.peek(), (c) => {
    const sampling = Object.fromEntries(Object.entries({ ...c.sampling, ...more }).filter(([, v]) => v !== undefined && v !== '')) as Sampling;
    // The form of an answer belongs to its conversation.
    const { format: _format, formatText: _text, tools: _tools, stop: _stop, ...lasting } = sampling;
    set({ sampling: lasting });
    return { ...c, sampling };
  });
}

function setSystem(system: string): void {
  set({ system });
  change(current.peek(), (c) => ({ ...c, system }));
}

/** The system prompt and the sampling values of the conversation; new conversations begin with those set last. */
export function Panel() {
  const { system, sampling } = conversation.value;
  return (
    <aside class="panel" aria-label={t('settingsOfChat')}>
      <header>
        <h2>{t('settingsOfChat')}</h2>
        <IconButton icon="close" label={t('hidePanel')} onClick={() => setPanel(false)} />
      </header>
      <div class="panel-body">
        <label class="field">
          <span class="field-name">{t('systemPrompt')}</span>
          <AutoTextarea label={t('systemPrompt')} placeholder={t('systemPlaceholder')} rows={3} value={system} onInput={setSystem} />
        </label>
        <div class="group">
          <div class="group-head">
            <h3>{t('sampling')}</h3>
            <button type="button" class="link" disabled={ranges.every(({ key }) => sampling[key] === undefined)} onClick={resetSampling}>{t('reset')}</button>
          </div>
          {ranges.map((range) => (
            <RangeField key={range.key} range={range} value={sampling[range.key]} onChange={(value) => setSampling({ [range.key]: value })} />
          ))}
          <div class="pair">
            <NumberField name={t('max_tokens')} min={1} placeholder={t('noLimit')} value={sampling.max_tokens} onChange={(max_tokens) => setSampling({ max_tokens })} />
            <NumberField name={t('seed')} placeholder={t('random')} value={sampling.seed} onChange={(seed) => setSampling({ seed })} />
          </div>
          <label class="field">
            <span class="field-name">{t('stopStrings')}</span>
            <AutoTextarea label={t('stopStrings')} class="mono" value={sampling.stop ?? ''} spellcheck={false} onInput={(stop) => setSampling({ stop })} />
          </label>
        </div>
        <div class="group">
          <h3>{t('advanced')}</h3>
          <FormatField sampling={sampling} onChange={setSampling} />
          <label class="field">
            <span class="field-name">{t('tools')}</span>
            <AutoTextarea label={t('tools')} class="mono" value={sampling.tools ?? ''} spellcheck={false} invalid={!!toolsError(sampling.tools)} onInput={(tools) => setSampling({ tools })} />
            {toolsError(sampling.tools) && <small class="invalid">{toolsError(sampling.tools)}</small>}
          </label>
        </div>
      </div>
    </aside>
  );
}

const resetSampling = (): void => setSampling(Object.fromEntries(ranges.map(({ key }) => [key, undefined])));

function toolsError(text: string | undefined): string {
  if (!text?.trim()) return '';
  const { value, error } = readJson(text);
  if (error) return t('invalidJson', { error });
  return Array.isArray(value) ? '' : t('mustBeArray');
}
