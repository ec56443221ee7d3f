import { Menu, type MenuItemConstructorOptions } from 'electron'

/** The system's usual menus; what concerns clusters is in the window's own palette. */
export function createMenu({ quit }: { quit(): void }): void {
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : []
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [
      { role: 'close' },
      { type: 'separator' },
      { label: 'Quit Drydock', accelerator: 'CmdOrCtrl+Q', click: quit },
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { role: 'reload' },
      { role: 'toggleDevTools' },
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
    ],
  }
  Menu.setApplicationMenu(Menu.buildFromTemplate([...mac, file, { role: 'editMenu' }, view, { role: 'windowMenu' }]))
}
