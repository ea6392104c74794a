import { defineConfig } from 'vite';

export default defineConfig({
  base: '/assets/dashboard/',
  publicDir: false,
  build: {
    target: 'es2022',
    // Phones that get no newer browser: light-dark() is written out for them.
    cssTarget: ['chrome107', 'firefox104', 'safari15'],
    manifest: 'manifest.json',
    assetsDir: '',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: ['src/main.tsx', 'src/worker/service-worker.ts'],
      // The worker's address stays; it imports nothing.
      output: { entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : '[name]-[hash].js') },
    },
  },
});
