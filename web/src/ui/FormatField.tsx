import { t, type Key } from '../i18n';
import { readJson, type Format, type Sampling } from '../state/sampling';
import { AutoTextarea } from './AutoTextarea';

const formats: [Format, Key][] = [['text', 'formatText'], ['json', 'formatJson'], ['schema', 'formatSchema'], ['grammar', 'formatGrammar'], ['regex', 'formatRegex']];

/** The form that the answer must have, and for three of the forms the text that defines it. */
export function FormatField({ sampling, onChange }: { sampling: Sampling; onChange: (more: Partial<Sampling>) => void }) {
  const format = sampling.format ?? 'text';
  const name = t(formats.find(([value]) => value === format)![1]);
  const text = sampling.formatText ?? '';
  const error = format === 'schema' && text.trim() ? readJson(text).error : undefined;
  return (
    <>
      <label class="field">
        <span class="field-name">{t('format')}</span>
        <select value={format} aria-label={t('format')} onChange={(e) => onChange({ format: e.currentTarget.value as Format })}>
          {formats.map(([value, key]) => <option key={value} value={value}>{t(key)}</option>)}
        </select>
      </label>
      {format !== 'text' && format !== 'json' && (
        <label class="field">
          <AutoTextarea label={name} class="mono" rows={3} value={text} spellcheck={false} invalid={!!error} onInput={(formatText) => onChange({ formatText })} />
          {error && <small class="invalid">{t('invalidJson', { error })}</small>}
        </label>
      )}
    </>
  );
}
