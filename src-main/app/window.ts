import { BrowserWindow, shell } from 'electron'
import type { SettingsFile } from '../settings/settings.ts'

/** What the window shows, and where its size and place are kept. */
export interface WindowOptions {
  url: string
  preload: string
  settings: SettingsFile
}

/** The window: sandboxed, showing only the gateway's pages; links elsewhere open in the browser. */
export function createWindow({ url, preload, settings }: WindowOptions): BrowserWindow {
  const { maximized, ...bounds } = settings.value.window
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 900,
    minHeight: 560,
    show: false,
    title: 'Drydock',
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false },
  })
  if (maximized) window.maximize()
  const origin = new URL(url).origin
  window.webContents.setWindowOpenHandler((details) => {
    if (/^https?:/.test(details.url)) void shell.openExternal(details.url)
    return { action: 'deny' }
  })
  window.webContents.on('will-navigate', (event) => {
    if (new URL(event.url).origin !== origin) event.preventDefault()
  })
  window.webContents.session.setPermissionRequestHandler((_contents, permission, allow) => {
    allow(permission === 'clipboard-sanitized-write' || permission === 'notifications')
  })
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    void settings.update({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
  })
  void window.loadURL(url)
  return window
}
