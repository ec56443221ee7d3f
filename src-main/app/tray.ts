import { Menu, Tray } from 'electron'

/** The icon in the desktop's tray and what it offers. */
export interface TrayOptions {
  /** Path of a PNG. */
  icon: string
  show(): void
  quit(): void
}

/** Keeps the app at hand while no window is open. */
export function createTray({ icon, show, quit }: TrayOptions): Tray {
  const tray = new Tray(icon)
  tray.setToolTip('Drydock')
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Open Drydock', click: show },
      { type: 'separator' },
      { label: 'Quit', click: quit },
    ]),
  )
  tray.on('click', show)
  return tray
}
