/**
 * The desktop shell: one instance, one window on the gateway's URL, a menu and a tray. It knows nothing of clusters: `start`
 * opens what the window shows, and `stop` ends that; clusters have processes of their own and outlive both.
 */
import { app, dialog, ipcMain, shell, type BrowserWindow, type Tray } from 'electron'
import { join } from 'node:path'
import { openSettings, type SettingsFile } from '../settings/settings.ts'
import { createMenu } from './menu.ts'
import { createTray } from './tray.ts'
import { createWindow } from './window.ts'

/** What runs behind the window. */
export interface Backend {
  /** A fresh URL that signs one window in. */
  issueUrl(): string
  stop(): Promise<void>
}

/** What the desktop app is started with. */
export interface AppOptions {
  /** Rejects with one sentence that holds the remedy. */
  start(): Promise<Backend>
  /** The built preload script and the tray icon. */
  preload: string
  trayIcon: string
}

/** Runs the app until it quits. */
export async function runApp(options: AppOptions): Promise<void> {
  if (!app.requestSingleInstanceLock()) return app.quit()
  await app.whenReady()
  let backend: Backend | undefined
  try {
    const settings = await openSettings(join(app.getPath('userData'), 'settings.json'))
    backend = await options.start()
    runShell(backend, settings, options)
  } catch (error) {
    dialog.showErrorBox('Drydock cannot start', error instanceof Error ? error.message : String(error))
    await backend?.stop()
    app.exit(1)
  }
}

const snapshots = { name: 'Drydock', extensions: ['snapshot'] }
const anything = { name: '*', extensions: ['*'] }

function runShell(backend: Backend, settings: SettingsFile, options: AppOptions): void {
  let window: BrowserWindow | undefined
  let tray: Tray | undefined
  let isStopped = false
  const show = (): void => {
    if (window && !window.isDestroyed()) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      return
    }
    window = createWindow({ url: backend.issueUrl(), preload: options.preload, settings })
  }
  const quit = (): void => app.quit()

  createMenu({ quit })
  if (settings.value.keepInTray) tray = createTray({ icon: options.trayIcon, show, quit })
  ipcMain.handle('reveal-file', (_event, path: unknown) => {
    if (typeof path === 'string') shell.showItemInFolder(path)
  })
  ipcMain.handle('choose-file', async () => {
    const asked = { properties: ['openFile' as const], filters: [snapshots, anything] }
    const { filePaths } = await (window ? dialog.showOpenDialog(window, asked) : dialog.showOpenDialog(asked))
    return filePaths[0]
  })
  app.on('second-instance', show)
  app.on('activate', show)
  app.on('window-all-closed', () => {
    if (!settings.value.keepInTray && process.platform !== 'darwin') quit()
  })
  app.on('before-quit', (event) => {
    if (isStopped) return
    event.preventDefault()
    isStopped = true
    tray?.destroy()
    void backend.stop().finally(quit)
  })
  show()
}
