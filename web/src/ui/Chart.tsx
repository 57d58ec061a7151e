import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import { speed, t } from '../i18n';
import { seconds } from '../state/status';
import { settings } from '../state/settings';

/** A line over the last minute. The library loads when the first chart is shown. */
export function Chart({ label, values }: { label: string; values: number[] }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const { theme, language } = settings.value;

  useEffect(() => {
    let gone = false;
    let observer: ResizeObserver | undefined;
    void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: uPlot }]) => {
      const element = box.current;
      if (gone || !element) return;
      plot.current = new uPlot(optionsFor(element), data(values), element);
      observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: 150 }));
      observer.observe(element);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [theme, language]);

  useEffect(() => plot.current?.setData(data(values)), [values]);

  const latest = values[values.length - 1];
  return <div class="chart" ref={box} role="img" aria-label={`${label}: ${latest === undefined ? '' : speed(latest)}`} />;
}

const data = (values: number[]): UPlot.AlignedData => {
  const times = Array.from({ length: seconds }, (_, i) => i - seconds + 1);
  return [times, times.map((x) => values[values.length - 1 + x] ?? null)];
};

function optionsFor(box: HTMLElement): UPlot.Options {
  const style = getComputedStyle(box);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const probe = document.createElement('i');
  box.append(probe);
  const resolved = (name: string) => {
    // A variable may hold light-dark(); a property of an element gives the colour that holds now.
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color || colour(name);
  };
  const [line, fill, text, grid] = [resolved('--accent'), resolved('--accent-soft'), resolved('--text-soft'), resolved('--line')];
  probe.remove();
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: `11px ${style.fontFamily}` };
  return {
    width: box.clientWidth,
    height: 150,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: { x: { time: false, range: [1 - seconds, 0] }, y: { range: (_, __, max) => [0, Math.max(1, (max || 0) * 1.15)] } },
    axes: [
      { ...axis, size: 26, values: (_, marks) => marks.map((x) => (x === 0 ? t('live') : `${-x} ${t('secondsAgo')}`)), space: 90 },
      { ...axis, size: 44, values: (_, marks) => marks.map((x) => speed(x)), space: 36 },
    ],
    series: [{}, { stroke: line, fill, width: 2, points: { show: false } }],
  };
}
