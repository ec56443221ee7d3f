import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** dockerode dials sockets and pipes only: its ssh transport, with native code, stays out of the bundle. */
const withoutSsh = { ssh2: here('src-main/app/no-ssh.ts'), 'cpu-features': here('src-main/app/no-ssh.ts') }

export default defineConfig({
  main: {
    resolve: { alias: withoutSsh },
    build: {
      externalizeDeps: false,
      target: 'node24',
      outDir: 'out/main',
      lib: { entry: { index: here('src-main/app/index.ts') }, formats: ['es'] },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      target: 'node24',
      outDir: 'out/preload',
      lib: { entry: { index: here('src-main/preload/index.ts') }, formats: ['cjs'] },
      rolldownOptions: { output: { entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: here('src-renderer'),
    base: './',
    plugins: [vue()],
    worker: { format: 'es' },
    build: {
      outDir: here('out/renderer'),
      target: 'chrome152',
      rolldownOptions: { input: here('src-renderer/index.html') },
    },
  },
})
