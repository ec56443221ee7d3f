/** Entry of the Electron main process. What runs behind the window is handed in as a module, so that only this folder knows Electron. */
import { join } from 'node:path'
import { runApp, type Backend } from './app.ts'

/**
 * The composition is loaded by path, `DRYDOCK_BACKEND` in development: a module with `start(): Promise<Backend>`
 * (default: `backend.js` beside this bundle).
 */
const path = process.env['DRYDOCK_BACKEND'] ?? join(import.meta.dirname, 'backend.js')

void runApp({
  preload: join(import.meta.dirname, '../preload/index.cjs'),
  trayIcon: join(import.meta.dirname, '../../resources/icons/tray.png'),
  start: async () => {
    const backend = (await import(/* @vite-ignore */ path)) as { start(): Promise<Backend> }
    return backend.start()
  },
})
