import { t } from '../i18n';
import { keepLane, removeLane } from '../state/lanes';
import { conversation } from '../state/store';
import { IconButton } from './IconButton';
import { ModelPicker } from './ModelPicker';

export function LaneHeader({ lane }: { lane: number }) {
  const model = conversation.value.lanes[lane]!.model;
  return (
    <header class="lane-top">
      <ModelPicker lane={lane} />
      <span class="grow" />
      <IconButton icon="check" label={t('keepOnly', { model })} onClick={() => keepLane(lane)} />
      <IconButton icon="close" label={t('removeModel', { model })} onClick={() => removeLane(lane)} />
    </header>
  );
}
