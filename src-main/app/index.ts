/** Entry of the Electron main process. */
import { app } from 'electron'
import { join } from 'node:path'
import { runApp } from './app.ts'
import { builtRenderer, startBackend } from './backend.ts'

void runApp({
  preload: join(import.meta.dirname, '../preload/index.cjs'),
  trayIcon: join(import.meta.dirname, '../../resources/icons/tray.png'),
  start: () =>
    startBackend({
      cluster: process.env['DRYDOCK_CLUSTER'] ?? 'drydock',
      // Run from the sources it is `npm run up`, which promises a cluster.
      create: !app.isPackaged,
      rendererDirectory: builtRenderer,
      version: app.getVersion(),
    }),
})
