import { signal, type Signal } from '@preact/signals';
import type { Token, ToolCall } from '../api/chat';

/** An answer that is being written, as the page shows it. */
export interface Live {
  content: string;
  reasoning: string;
  toolCalls: ToolCall[];
  tokens: Token[];
  count: number;
  /** Tokens in a second over the last two seconds; 0 before the second token. */
  rate: number;
}

/** The answers being written, by message. The map changes when one begins or ends; each token changes only its own signal. */
export const liveAnswers = signal<ReadonlyMap<string, Signal<Live>>>(new Map());

export function setLive(id: string, live: Signal<Live> | null): void {
  const next = new Map(liveAnswers.peek());
  if (live) next.set(id, live);
  else next.delete(id);
  liveAnswers.value = next;
}

/** Speed over a sliding window. */
export class Meter {
  private marks: { time: number; count: number }[] = [];

  constructor(private readonly window = 2000) {}

  /** `count` tokens had come in all at `time` (ms); returns tokens in a second. */
  add(time: number, count: number): number {
    this.marks.push({ time, count });
    while (this.marks.length > 2 && this.marks[0]!.time < time - this.window) this.marks.shift();
    const first = this.marks[0]!;
    return time > first.time ? ((count - first.count) * 1000) / (time - first.time) : 0;
  }
}

/** Calls `work` at most once in each frame, and also where frames stand still because the page is hidden. */
export function everyFrame(work: () => void): () => void {
  let waiting = false;
  const run = () => {
    if (!waiting) return;
    waiting = false;
    work();
  };
  return () => {
    if (waiting) return;
    waiting = true;
    if (document.hidden) setTimeout(run, 250);
    else {
      requestAnimationFrame(run);
      setTimeout(run, 500);
    }
  };
}
