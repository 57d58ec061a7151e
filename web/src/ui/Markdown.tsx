import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { enhance } from '../text/enhance';
import { BlockSplitter, splitBlocks, toHtml } from '../text/markdown';
import { copyText } from './clipboard';
import { memo } from './memo';

/** Markdown in blocks: while a text grows, only its last blocks are drawn anew. */
export const Markdown = memo(({ source, growing }: { source: string; growing: boolean }) => {
  const splitter = useRef<BlockSplitter | undefined>(undefined);
  if (growing) splitter.current ??= new BlockSplitter();
  else splitter.current = undefined;
  const blocks = splitter.current ? splitter.current.split(source) : splitBlocks(source);
  return (
    <div class="markdown" data-growing={growing} onClick={onClick}>
      {blocks.map((block, i) => (
        <Block key={i} source={block} growing={growing && i === blocks.length - 1} />
      ))}
    </div>
  );
});

const Block = memo(({ source, growing }: { source: string; growing: boolean }) => {
  const box = useRef<HTMLDivElement>(null);
  const html = useMemo(() => toHtml(source), [source]);
  // A long block of code is coloured when it has ended: doing it for each token would cost more the longer it grows.
  useLayoutEffect(() => enhance(box.current!, !growing || source.length < 4000), [html, growing]);
  return <div class="block" ref={box} dangerouslySetInnerHTML={{ __html: html }} />;
});

function onClick(event: MouseEvent): void {
  const button = (event.target as HTMLElement).closest<HTMLButtonElement>('button[data-copy]');
  if (!button) return;
  const code = button.closest('.code')?.querySelector('code')?.textContent ?? '';
  void copyText(code).then((done) => {
    if (!done) return;
    button.textContent = t('copied');
    setTimeout(() => (button.textContent = t('copyCode')), 1500);
  });
}
