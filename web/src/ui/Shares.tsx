import { formatBytes, formatPercent, t } from '../i18n';

/** Byte counts as one divided bar and a table. */
export function Shares({ parts }: { parts: [name: string, bytes: number][] }) {
  const total = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  const share = (bytes: number) => (total > 0 ? bytes / total : 0);
  return (
    <div class="shares">
      <div class="shares-bar" aria-hidden="true">
        {parts.map(([name, bytes], i) => bytes > 0 && <i key={name} data-part={i % 6} style={{ flexGrow: share(bytes) }} />)}
      </div>
      <table>
        <tbody>
          {parts.map(([name, bytes], i) => (
            <tr key={name}>
              <th scope="row"><i data-part={i % 6} />{name}</th>
              <td>{formatBytes(bytes)}</td>
              <td>{formatPercent(share(bytes))}</td>
            </tr>
          ))}
          <tr class="total">
            <th scope="row">{t('total')}</th>
            <td>{formatBytes(total)}</td>
            <td />
          </tr>
        </tbody>
      </table>
    </div>
  );
}
