import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

/** KaTeX names each font in three formats; every browser that runs this page reads woff2. */
const onlyWoff2: Plugin = {
  name: 'only-woff2',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('katex') || !id.endsWith('.css')) return null;
    return code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\((["'])(?:woff|truetype)\1\)/g, '');
  },
};

/** The first browsers that know what the style sheet uses: light-dark(), popovers, dialogs. */
const browsers = ['chrome123', 'edge123', 'firefox125', 'safari17.5'];

export default defineConfig({
  base: './',
  plugins: [onlyWoff2],
  build: {
    outDir: '../src/Caravan.Server/wwwroot',
    emptyOutDir: true,
    target: browsers,
    cssTarget: browsers,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.txt' },
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8787', '/health': 'http://127.0.0.1:8787' } },
  test: { environment: 'jsdom', include: ['test/**/*.test.ts'], isolate: false },
});
