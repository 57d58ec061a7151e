import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

const near = 32;

/** Whether what the hand did can move the box up; a press on the box itself may be one on its scroll bar. */
function wantsUp(event: Event, box: HTMLElement): boolean {
  if (event instanceof WheelEvent) return event.deltaY < 0;
  if (event instanceof KeyboardEvent) return ['ArrowUp', 'PageUp', 'Home', ' '].includes(event.key);
  return event.type === 'touchmove' || event.target === box;
}

/**
 * Keeps a scrolled box at its end while its content grows, until the reader scrolls up; scrolling back to the end, or a change
 * of `anew` (a new question), takes it up again.
 */
export function useStick(box: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>, anew: unknown): { away: ReadonlySignal<boolean>; toBottom: () => void } {
  const stuck = useRef(true);
  const away = useSignal(false);

  const down = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };

  useLayoutEffect(() => {
    const element = box.current!;
    let before = element.scrollTop;
    let touched = -Infinity;
    // A block that is drawn anew may be lower for a moment and move the box up: only what follows the reader's hand counts.
    const onTouch = (event: Event) => {
      if (wantsUp(event, element)) touched = performance.now();
    };
    const onScroll = () => {
      const gap = element.scrollHeight - element.clientHeight - element.scrollTop;
      if (element.scrollTop < before - 1 && gap > near && performance.now() - touched < 1500) stuck.current = false;
      else if (gap <= near) stuck.current = true;
      before = element.scrollTop;
      away.value = gap > 4 * near && !stuck.current;
    };
    const observer = new ResizeObserver(() => {
      if (stuck.current) down();
      else onScroll();
    });
    const hands = ['wheel', 'touchmove', 'pointerdown', 'keydown'];
    for (const hand of hands) element.addEventListener(hand, onTouch, { passive: true });
    element.addEventListener('scroll', onScroll, { passive: true });
    observer.observe(content.current!);
    observer.observe(element);
    return () => {
      for (const hand of hands) element.removeEventListener(hand, onTouch);
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    stuck.current = true;
    away.value = false;
    down();
  }, [anew]);

  return {
    away,
    toBottom: () => {
      stuck.current = true;
      away.value = false;
      down();
    },
  };
}
