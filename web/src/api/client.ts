import { settings } from '../state/settings';
import type { Model, ServerStatus } from './types';

export type FailureKind = 'unauthorized' | 'busy' | 'network' | 'server' | 'broken';

/** What went wrong, in a form that can be kept with the message it happened to. */
export interface Failure {
  kind: FailureKind;
  message: string;
  status?: number;
  code?: string;
  retryAfter?: number;
}

export class ApiError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** The page lies at the server's root or under a prefix that a reverse proxy adds; the API lies beside it. */
const base = () => new URL('.', document.baseURI).href;

export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const key = settings.value.apiKey;
  if (key) headers.set('Authorization', `Bearer ${key}`);
  if (init.body) headers.set('Content-Type', 'application/json');
  let response: Response;
  try {
    response = await fetch(base() + path, { ...init, headers });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError({ kind: 'network', message: String((error as Error).message ?? error) });
  }
  if (!response.ok) throw new ApiError(await failureOf(response));
  return response;
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

export function failureFrom(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  return { kind: 'network', message: error instanceof Error ? error.message : String(error) };
}

async function failureOf(response: Response): Promise<Failure> {
  const text = await response.text().catch(() => '');
  let message = text.trim().slice(0, 500) || response.statusText || `HTTP ${response.status}`;
  let code: string | undefined;
  try {
    const error = JSON.parse(text).error;
    message = typeof error === 'string' ? error : (error?.message ?? message);
    code = error?.code ?? undefined;
  } catch {
    // Not JSON (a proxy's page, say): the text itself is the message.
  }
  const kind: FailureKind = response.status === 401 || response.status === 403 ? 'unauthorized' : response.status === 429 ? 'busy' : 'server';
  const seconds = Number(response.headers.get('Retry-After'));
  const failure: Failure = { kind, message, status: response.status, code };
  if (seconds > 0) failure.retryAfter = Math.ceil(seconds);
  return failure;
}

export async function listModels(): Promise<Model[]> {
  const body = await (await request('v1/models')).json();
  return Array.isArray(body?.data) ? body.data.filter((m: Model) => typeof m?.id === 'string') : [];
}

/** Asks for one model; an id may hold slashes, which stay. */
export async function getModel(id: string): Promise<Model> {
  return (await request(`v1/models/${id.split('/').map(encodeURIComponent).join('/')}`)).json();
}

export async function getStatus(signal?: AbortSignal): Promise<ServerStatus> {
  return (await request('v1/status', { signal })).json();
}
