import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { copyText } from './clipboard';
import { IconButton } from './IconButton';

export function CopyButton({ text, label }: { text: () => string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    if (!(await copyText(text()))) return;
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return <IconButton icon={done ? 'check' : 'copy'} label={done ? t('copied') : (label ?? t('copy'))} onClick={() => void copy()} />;
}
