import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

const near = 32;

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
    const onScroll = () => {
      const gap = element.scrollHeight - element.clientHeight - element.scrollTop;
      // Growing content moves nothing up: only the reader does.
      if (element.scrollTop < before - 1 && gap > near) stuck.current = false;
      else if (gap <= near) stuck.current = true;
      before = element.scrollTop;
      away.value = gap > 4 * near && !stuck.current;
    };
    const observer = new ResizeObserver(() => {
      if (stuck.current) down();
      else onScroll();
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    observer.observe(content.current!);
    observer.observe(element);
    return () => {
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
