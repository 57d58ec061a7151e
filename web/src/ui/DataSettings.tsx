import { useEffect, useState } from 'preact/hooks';
import { formatBytes, t } from '../i18n';
import { addConversations, allConversations, heads, removeConversations } from '../state/store';
import { toast } from '../state/toasts';
import { download, fromJson, toJson } from '../state/transfer';
import { Icon } from './icons';

/** Export, import and deletion of all conversations, and how much room they take. */
export function DataSettings() {
  const [used, setUsed] = useState<number>();
  useEffect(() => {
    void navigator.storage?.estimate?.().then((e) => setUsed(e.usage));
  }, [heads.value]);
  const none = heads.value.length === 0;
  return (
    <section>
      <h3>{t('data')}</h3>
      <div class="buttons start">
        <button type="button" class="quiet" disabled={none} onClick={() => void exportAll()}><Icon name="download" />{t('exportAll')}</button>
        <label class="quiet file-button">
          <Icon name="upload" />
          {t('importFile')}
          <input type="file" accept=".json,application/json" aria-label={t('importFile')} onChange={(e) => void importFile(e.currentTarget)} />
        </label>
        <button type="button" class="quiet danger" disabled={none} onClick={() => void deleteAll()}><Icon name="trash" />{t('deleteAll')}</button>
      </div>
      {used !== undefined && <small>{t('storageUsed', { n: formatBytes(used) })}</small>}
    </section>
  );
}

async function exportAll(): Promise<void> {
  download(`caravan-${new Date().toISOString().slice(0, 10)}.json`, 'application/json', toJson(await allConversations()));
}

async function importFile(field: HTMLInputElement): Promise<void> {
  const file = field.files?.[0];
  field.value = '';
  if (!file) return;
  try {
    const list = fromJson(await file.text(), new Set(heads.value.map((h) => h.id)));
    await addConversations(list);
    toast(t('imported', { n: list.length }));
  } catch (error) {
    toast((error as Error).message, undefined, 6000);
  }
}

async function deleteAll(): Promise<void> {
  const ids = heads.value.map((h) => h.id);
  const undo = await removeConversations(ids);
  toast(t('deletedAll', { n: ids.length }), { label: t('undo'), run: undo });
}
