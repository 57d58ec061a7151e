import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icons';

export interface MenuItem {
  label: string;
  icon?: IconName;
  danger?: boolean;
  run: () => void;
}

/** A button that opens a list of actions. The browser's popover closes it on Esc and on a click elsewhere. */
export function Menu({ label, items, children, class: more = '' }: { label: string; items: MenuItem[]; children: ComponentChildren; class?: string }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const opened = (event: { newState: string }) => {
    if (event.newState !== 'open') return;
    place(list.current!, button.current!);
    list.current!.querySelector('button')?.focus();
  };
  const choose = (item: MenuItem) => {
    list.current?.hidePopover();
    button.current?.focus();
    item.run();
  };
  return (
    <>
      <button ref={button} type="button" class={`icon-button ${more}`} aria-label={label} title={label} aria-haspopup="menu" popovertarget={id}>
        {children}
      </button>
      <div ref={list} id={id} popover="auto" class="menu" role="menu" aria-label={label} onToggle={opened} onKeyDown={moveFocus}>
        {items.map((item) => (
          <button key={item.label} type="button" role="menuitem" tabIndex={-1} class={item.danger ? 'danger' : ''} onClick={() => choose(item)}>
            {item.icon && <Icon name={item.icon} />}
            <span>{item.label}</span>
          </button>
        ))}
      </div>
    </>
  );
}

/** Sets a popover under its button, or above it where there is no room, inside the window. */
export function place(popover: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + 6;
  const top = below + height > innerHeight - 8 ? Math.max(8, at.top - height - 6) : below;
  popover.style.left = `${Math.round(Math.max(8, Math.min(at.left, innerWidth - width - 8)))}px`;
  popover.style.top = `${Math.round(top)}px`;
}

/** Arrow keys, Home and End move between the buttons of a list. */
export function moveFocus(event: KeyboardEvent): void {
  const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('button:not([disabled])')];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 };
  const next = steps[event.key];
  if (next === undefined || buttons.length === 0) return;
  event.preventDefault();
  buttons[(next + buttons.length) % buttons.length]!.focus();
}
