import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { addMessage, newConversation } from '../src/state/conversation';
import { Storage } from '../src/state/storage';

const conversation = (text: string) => ({ ...addMessage(newConversation(['m'], '', {}), null, { role: 'user', content: text })[0], title: text });
let storage: Storage;
let name = 0;

beforeEach(async () => (storage = await Storage.open(`test-${name++}`)));

describe('Storage', () => {
  it('keeps conversations and their heads', async () => {
    const c = conversation('Camels');
    await storage.save(c);
    expect(await storage.conversation(c.id)).toEqual(c);
    expect(await storage.heads()).toEqual([{ id: c.id, title: 'Camels', created: c.created, updated: c.updated }]);
    await storage.save({ ...c, title: 'Dromedaries' });
    expect((await storage.heads()).map((h) => h.title)).toEqual(['Dromedaries']);
    expect(await storage.all()).toHaveLength(1);
  });

  it('removes several at once', async () => {
    const list = [conversation('a'), conversation('b'), conversation('c')];
    for (const c of list) await storage.save(c);
    await storage.remove([list[0]!.id, list[2]!.id]);
    expect((await storage.heads()).map((h) => h.id)).toEqual([list[1]!.id]);
    expect(await storage.conversation(list[0]!.id)).toBeUndefined();
  });

  it('finds words in titles and messages whatever their case', async () => {
    const c = conversation('The Silk Road');
    await storage.save(c);
    await storage.save(conversation('other'));
    expect([...(await storage.search('silk'))]).toEqual([c.id]);
    expect((await storage.search('absent')).size).toBe(0);
  });
});
