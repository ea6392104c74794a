import { defineConfig } from 'vite';

export default defineConfig({
  base: '/assets/dashboard/',
  publicDir: false,
  build: {
    target: 'es2022',
    manifest: 'manifest.json',
    assetsDir: '',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: 'src/main.tsx' },
  },
});
