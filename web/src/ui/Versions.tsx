import { t } from '../i18n';
import { switchBranch } from '../state/conversation';
import { change } from '../state/store';
import { IconButton } from './IconButton';
import type { MessageProps } from './Thread';

/** Which version of a message is shown, and the way to the others. */
export function Versions({ target, lane, id, version, versions }: MessageProps) {
  if (versions < 2) return null;
  const step = (by: number) => change(target, (c) => switchBranch(c, lane, id, by));
  return (
    <span class="versions" role="group" aria-label={t('version', { n: version, total: versions })}>
      <IconButton icon="left" label={t('previousVersion')} disabled={version <= 1} onClick={() => step(-1)} />
      <span aria-hidden="true">{version}/{versions}</span>
      <IconButton icon="right" label={t('nextVersion')} disabled={version >= versions} onClick={() => step(1)} />
    </span>
  );
}
