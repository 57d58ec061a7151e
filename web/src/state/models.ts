import { computed, signal } from '@preact/signals';
import { failureFrom, listModels, type Failure } from '../api/client';
import type { Model, Support } from '../api/types';
import { set, settings } from './settings';

export const models = signal<Model[]>([]);
export const modelsFailure = signal<Failure | null>(null);
export const modelsRead = signal(false);

export const modelById = (id: string): Model | undefined => models.value.find((m) => m.id === id);

/** A model that is not loaded yet does not say what it supports; it is taken to chat. */
export const supports = (model: Model | undefined, what: Support): boolean => model?.caravan?.supports?.[what] !== false;

/** The models that can be talked with, if only by going on with a text. */
export const chatModels = computed(() => models.value.filter((m) => supports(m, 'chat') || m.caravan?.supports?.completions === true));

export async function readModels(): Promise<void> {
  try {
    models.value = await listModels();
    modelsFailure.value = null;
  } catch (error) {
    modelsFailure.value = failureFrom(error);
  }
  modelsRead.value = true;
}

/** The models a new conversation starts with: those used last that are still served, else the first. */
export function startingModels(): string[] {
  const served = settings.value.models.filter((id) => chatModels.value.some((m) => m.id === id));
  if (served.length > 0) return served;
  const first = chatModels.value.find((m) => m.caravan?.loaded) ?? chatModels.value[0];
  return [first?.id ?? ''];
}

export const rememberModels = (ids: string[]): void => set({ models: ids });
