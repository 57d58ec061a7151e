import { useEffect } from 'preact/hooks';
import { formatDuration, formatNumber, speed, t, type Key } from '../i18n';
import { history, status, watchStatus } from '../state/status';
import { Chart } from './Chart';

/** The server's figures of this moment and of the last minute. */
export function ServerLive() {
  useEffect(watchStatus, []);
  const now = status.value;
  if (now === 'unknown') return null;
  if (now === 'absent') return <p class="hint">{t('noStatus')}</p>;
  const sum = (key: 'running' | 'waiting' | 'tokens_per_second' | 'batch_tokens' | 'preemptions' | 'cached_pages') => now.models.reduce((s, m) => s + (m[key] ?? 0), 0);
  const used = now.models.reduce((s, m) => s + m.pages_used, 0);
  const pages = now.models.reduce((s, m) => s + m.pages_total, 0);
  const tiles: [Key, string][] = [
    ['tokensPerSecond', speed(sum('tokens_per_second'))],
    ['running', formatNumber(sum('running'))],
    ['waitingRequests', formatNumber(sum('waiting'))],
    ['pagesUsed', `${formatNumber(used)} / ${formatNumber(pages)}`],
    ['cachedPages', formatNumber(sum('cached_pages'))],
    ['preemptions', formatNumber(sum('preemptions'))],
  ];
  return (
    <section class="card live-card" aria-label={t('live')}>
      <div class="group-head">
        <h2>{t('live')}</h2>
        <small>{t('uptime', { time: formatDuration(now.uptime_s) })}</small>
      </div>
      <dl class="tiles">
        {tiles.map(([key, value]) => (
          <div key={key}>
            <dd>{value}</dd>
            <dt>{t(key)}</dt>
          </div>
        ))}
      </dl>
      <Chart label={t('chartOf')} values={history.value} />
    </section>
  );
}
