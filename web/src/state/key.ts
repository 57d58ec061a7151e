import { signal } from '@preact/signals';

/** Set while the page asks for an API key, which the server wanted with 401; once one is given, `again` runs. */
export const keyWanted = signal<{ again: () => void } | null>(null);
