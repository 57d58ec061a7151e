import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Icon } from './icons';
import { Markdown } from './Markdown';

/** What the model thought before it answered: open while it thinks, folded afterwards, and as the reader wants once touched. */
export function Reasoning({ text, open, growing }: { text: string; open: boolean; growing: boolean }) {
  const [wanted, setWanted] = useState<boolean>();
  const shown = wanted ?? open;
  return (
    <section class="reasoning">
      <button type="button" class="fold" aria-expanded={shown} onClick={() => setWanted(!shown)}>
        <Icon name="spark" />
        <span>{t(growing ? 'thinking' : 'reasoning')}</span>
        <Icon name={shown ? 'down' : 'right'} />
      </button>
      {shown && <Markdown source={text} growing={growing} />}
    </section>
  );
}
