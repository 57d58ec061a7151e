import { formatMilliseconds, formatNumber, speed, t } from '../i18n';
import type { Stats } from '../state/conversation';
import type { Live } from '../state/live';

/** Tokens, speed and time to the first token of a finished answer; the prompt's share is its tooltip. */
export function StatsLine({ stats }: { stats: Stats }) {
  const parts = [
    t('statTokens', { n: formatNumber(stats.tokens) }),
    stats.tokensPerSecond !== undefined ? t('statSpeed', { n: speed(stats.tokensPerSecond) }) : '',
    stats.firstToken !== undefined ? t('statFirst', { time: formatMilliseconds(stats.firstToken) }) : '',
  ];
  const more = [
    stats.promptTokens !== undefined ? t('statPrompt', { n: formatNumber(stats.promptTokens), cached: formatNumber(stats.cachedTokens ?? 0) }) : '',
    stats.queue !== undefined ? t('statQueue', { time: formatMilliseconds(stats.queue) }) : '',
  ];
  return <span class="stats" title={more.filter(Boolean).join('\n')}>{parts.filter(Boolean).join(' · ')}</span>;
}

export function LiveStats({ live }: { live: Live }) {
  if (live.count === 0) return null;
  const parts = [t('statTokens', { n: formatNumber(live.count) }), live.rate > 0 ? t('liveSpeed', { n: speed(live.rate) }) : ''];
  return <span class="stats live-stats">{parts.filter(Boolean).join(' · ')}</span>;
}
