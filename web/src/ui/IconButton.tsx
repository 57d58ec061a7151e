import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons';

interface Props {
  icon: IconName;
  label: string;
  onClick?: (event: MouseEvent) => void;
  pressed?: boolean;
  disabled?: boolean;
  class?: string;
  children?: ComponentChildren;
}

/** A button that shows a picture; its name is its tooltip too. */
export function IconButton({ icon, label, onClick, pressed, disabled, class: more = '', children }: Props) {
  return (
    <button type="button" class={`icon-button ${more}`} aria-label={label} title={label} aria-pressed={pressed} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
      {children}
    </button>
  );
}
