import { t, type Key } from '../i18n';
import { readModels } from '../state/models';
import { set, settings, type Language, type Theme } from '../state/settings';
import { DataSettings } from './DataSettings';
import { Dialog } from './Dialog';
import { settingsOpen } from './layout';

const themes: [Theme, Key][] = [['auto', 'themeAuto'], ['light', 'themeLight'], ['dark', 'themeDark']];
const languages: [Language, string][] = [['en', 'English'], ['zh', '中文']];
const keys: [string[], Key][] = [
  [['Enter'], 'keySend'], [['Shift', 'Enter'], 'keyNewLine'], [['Esc'], 'keyStop'], [['Ctrl / ⌘', 'K'], 'keySearch'], [['Ctrl / ⌘', 'Shift', 'O'], 'keyNew'], [['↑'], 'keyEditLast'],
];

export function SettingsDialog() {
  const value = settings.value;
  return (
    <Dialog title={t('settings')} class="settings" onClose={() => (settingsOpen.value = false)}>
      <section>
        <h3>{t('appearance')}</h3>
        <Choice name={t('theme')} options={themes.map(([v, key]) => [v, t(key)])} value={value.theme} onChange={(theme) => set({ theme })} />
        <Choice name={t('language')} options={languages} value={value.language} onChange={(language) => set({ language })} />
        <label class="switch">
          <span>
            {t('askProbabilities')}
            <small>{t('askProbabilitiesHint')}</small>
          </span>
          <input type="checkbox" role="switch" checked={value.probabilities} onChange={(e) => set({ probabilities: e.currentTarget.checked })} />
        </label>
      </section>
      <section>
        <h3>{t('connection')}</h3>
        <label class="field">
          <span class="field-name">{t('apiKey')}</span>
          <input type="password" autocomplete="off" value={value.apiKey} placeholder={t('apiKeyNone')} aria-label={t('apiKey')}
            onChange={(e) => (set({ apiKey: e.currentTarget.value.trim() }), void readModels())} />
          <small>{t('apiKeyHint')}</small>
        </label>
      </section>
      <DataSettings />
      <section>
        <h3>{t('shortcuts')}</h3>
        <dl class="keys">
          {keys.map(([combination, key]) => (
            <div key={key}>
              <dt>{combination.map((k) => <kbd key={k}>{k}</kbd>)}</dt>
              <dd>{t(key)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <p class="hint"><a href="./licenses.txt" target="_blank" rel="noopener">{t('licences')}</a></p>
    </Dialog>
  );
}

function Choice<T extends string>({ name, options, value, onChange }: { name: string; options: [T, string][]; value: T; onChange: (value: T) => void }) {
  return (
    <fieldset class="choice">
      <legend>{name}</legend>
      <div class="segments">
        {options.map(([option, label]) => (
          <label key={option} data-on={option === value}>
            <input type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
            <span lang={option === 'zh' ? 'zh-CN' : undefined}>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
