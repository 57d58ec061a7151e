import { useId } from 'preact/hooks';
import { t } from '../i18n';
import type { Range } from '../state/sampling';
import { IconButton } from './IconButton';

/** A slider with its number. Until it is touched the server's default holds, and the request carries no value. */
export function RangeField({ range, value, onChange }: { range: Range; value: number | undefined; onChange: (value: number | undefined) => void }) {
  const id = useId();
  const { key, min, max, step, neutral } = range;
  const set = value !== undefined;
  const type = (text: string) => {
    const number = Number(text);
    onChange(text.trim() === '' || !Number.isFinite(number) ? undefined : Math.max(min, Math.min(max, number)));
  };
  return (
    <div class="range" data-set={set} role="group" aria-labelledby={`${id}-name`}>
      <span class="field-name" id={`${id}-name`}>{t(key)}</span>
      <input class="number" type="text" inputmode="decimal" value={value ?? ''} placeholder={t('serverDefault')} aria-label={t(key)} data-key={key} onChange={(e) => type(e.currentTarget.value)} />
      {set ? <IconButton icon="reset" label={`${t(key)}: ${t('useDefault')}`} onClick={() => onChange(undefined)} /> : <span class="icon-space" />}
      <input class="slider" type="range" min={min} max={max} step={step} value={value ?? neutral} aria-label={t(key)}
        style={{ '--at': `${(((value ?? neutral) - min) / (max - min)) * 100}%` }} onInput={(e) => onChange(Number(e.currentTarget.value))} />
    </div>
  );
}
