import { signal } from '@preact/signals';

export type Route = { page: 'chat'; id: string | null } | { page: 'models'; id: string | null };

export function parseRoute(hash: string): Route {
  const [page, ...rest] = hash.replace(/^#\/?/, '').split('/');
  const id = rest.length > 0 ? decode(rest.join('/')) : null;
  if (page === 'models') return { page: 'models', id };
  return { page: 'chat', id: page === 'c' ? id : null };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text) || null;
  } catch {
    return null;
  }
}

export const route = signal<Route>(parseRoute(location.hash));

export const chatPath = (id: string | null): string => (id ? `#/c/${id}` : '#/');
export const modelPath = (id: string | null): string => (id ? `#/models/${encodeURIComponent(id)}` : '#/models');

export function go(path: string, replace = false): void {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  route.value = parseRoute(path);
}

export function watchRoute(): void {
  addEventListener('hashchange', () => (route.value = parseRoute(location.hash)));
  addEventListener('popstate', () => (route.value = parseRoute(location.hash)));
}
