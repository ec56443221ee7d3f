import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The renderer alone: one bundle for the Electron window and a browser tab, served by the gateway. */
export default defineConfig({
  root: 'src-renderer',
  base: './',
  plugins: [vue()],
  worker: { format: 'es' },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    chunkSizeWarningLimit: 5000,
    assetsInlineLimit: 0,
  },
})
