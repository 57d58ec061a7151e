import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { t } from '../i18n';
import { math } from './math';

const md = new MarkdownIt({ html: false, linkify: true, breaks: false }).use(math);
const { escapeHtml } = md.utils;

md.renderer.rules.fence = (tokens, index) => {
  const token = tokens[index]!;
  return codeBlock(token.content, token.info.trim().split(/\s+/)[0] ?? '');
};

md.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content, '');

/** An image in an answer would fetch whatever address the model wrote, with what it knows in it: its address is shown as a link instead. */
md.renderer.rules.image = (tokens, index) => {
  const token = tokens[index]!;
  const source = String(token.attrGet('src') ?? '');
  return `<a href="${escapeHtml(source)}">${escapeHtml(token.content || t('imageNotShown'))}</a>`;
};

md.renderer.rules.table_open = () => '<div class="table"><table>\n';
md.renderer.rules.table_close = () => '</table></div>\n';

function codeBlock(code: string, language: string): string {
  const label = escapeHtml(language);
  return `<div class="code"><div class="code-head"><span>${label}</span><button type="button" class="quiet small" data-copy="code">${escapeHtml(t('copyCode'))}</button></div>` +
    `<pre dir="ltr" tabindex="0"><code data-language="${label}">${escapeHtml(code)}</code></pre></div>\n`;
}

const plain = ['title', 'class', 'start', 'type', 'dir', 'tabindex', 'data-copy', 'data-language', 'data-display'];

const allowed = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 's', 'a', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li',
    'table', 'thead', 'tbody', 'tr', 'th', 'td', 'div', 'span', 'button'],
  ALLOWED_ATTR: ['href', ...plain],
  ADD_URI_SAFE_ATTR: plain,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
};

/** The HTML of Markdown that a model wrote: the renderer passes no HTML through, and the result is sanitised all the same. */
export function toHtml(source: string): string {
  const holder = DOMPurify.sanitize(md.render(source), { ...allowed, RETURN_DOM_FRAGMENT: true });
  for (const link of holder.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  for (const block of holder.querySelectorAll('p, li, h1, h2, h3, h4, h5, h6, blockquote, th, td')) block.setAttribute('dir', 'auto');
  const box = document.createElement('div');
  box.append(holder);
  return box.innerHTML;
}

/**
 * Divides Markdown into its top-level blocks, so that only the last one is rendered anew while an answer grows. Text whose
 * links are defined elsewhere in it is one block, since the definitions must be seen together with their uses.
 */
export function splitBlocks(source: string): string[] {
  if (/^ {0,3}\[[^\]\n]+\]:\s*\S/m.test(source)) return [source];
  const lines = source.split('\n');
  const starts = [...new Set(md.parse(source, {}).filter((token) => token.level === 0 && token.nesting >= 0 && token.map).map((token) => token.map![0]))];
  if (starts.length < 2) return source.trim() ? [source] : [];
  starts[0] = 0;
  return starts.map((start, i) => lines.slice(start, starts[i + 1] ?? lines.length).join('\n'));
}

/** Splits a text that only grows: what lay before its last block is not parsed again. */
export class BlockSplitter {
  private source = '';
  private settled: string[] = [];
  private settledLength = 0;

  split(source: string): string[] {
    const definitions = /^ {0,3}\[[^\]\n]+\]:\s*\S/m.test(source);
    if (!source.startsWith(this.source) || definitions) {
      this.settled = [];
      this.settledLength = 0;
    }
    this.source = source;
    const tail = splitBlocks(source.slice(this.settledLength));
    if (definitions) return tail;
    // The last block may still grow, and so may the one before it (a list whose next item has only begun to come).
    while (tail.length > 2) {
      const block = tail.shift()!;
      this.settled.push(block);
      this.settledLength += block.length + 1;
    }
    return [...this.settled, ...tail];
  }
}
