import type { Conversation } from './conversation';

/** What the list of conversations needs to know of each. */
export interface Head {
  id: string;
  title: string;
  created: number;
  updated: number;
}

export const headOf = ({ id, title, created, updated }: Conversation): Head => ({ id, title, created, updated });

export class StorageFull extends Error {}

/** Conversations in IndexedDB: heads for the list and whole conversations by id. */
export class Storage {
  private constructor(private readonly db: IDBDatabase) {}

  static open(name = 'caravan'): Promise<Storage> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('heads', { keyPath: 'id' });
        request.result.createObjectStore('conversations', { keyPath: 'id' });
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        resolve(new Storage(request.result));
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('blocked'));
    });
  }

  heads(): Promise<Head[]> {
    return this.read<Head[]>('heads', (store) => store.getAll());
  }

  conversation(id: string): Promise<Conversation | undefined> {
    return this.read('conversations', (store) => store.get(id));
  }

  all(): Promise<Conversation[]> {
    return this.read<Conversation[]>('conversations', (store) => store.getAll());
  }

  save(c: Conversation): Promise<void> {
    return this.write((heads, conversations) => {
      heads.put(headOf(c));
      conversations.put(c);
    });
  }

  remove(ids: string[]): Promise<void> {
    return this.write((heads, conversations) => {
      for (const id of ids) {
        heads.delete(id);
        conversations.delete(id);
      }
    });
  }

  /** The ids of conversations that hold a text, whatever its case; walks them one by one, so that memory stays small. */
  search(text: string): Promise<Set<string>> {
    const wanted = text.toLowerCase();
    const found = new Set<string>();
    return new Promise((resolve, reject) => {
      const request = this.db.transaction('conversations').objectStore('conversations').openCursor();
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return resolve(found);
        if (holds(cursor.value, wanted)) found.add(cursor.value.id);
        cursor.continue();
      };
    });
  }

  private read<T>(name: string, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = ask(this.db.transaction(name).objectStore(name));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  private write(put: (heads: IDBObjectStore, conversations: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(['heads', 'conversations'], 'readwrite');
      const fail = () => {
        const error = transaction.error;
        reject(error?.name === 'QuotaExceededError' ? new StorageFull() : (error ?? new Error('storage')));
      };
      transaction.oncomplete = () => resolve();
      transaction.onerror = fail;
      transaction.onabort = fail;
      put(transaction.objectStore('heads'), transaction.objectStore('conversations'));
      // At once, since the page may be about to go away.
      transaction.commit();
    });
  }
}

export function holds(c: Conversation, lowered: string): boolean {
  if (c.title.toLowerCase().includes(lowered)) return true;
  return Object.values(c.messages).some((m) => m.content.toLowerCase().includes(lowered));
}
