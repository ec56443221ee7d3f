/** All that the window has beyond a browser tab. The renderer asks for it through `src-renderer/api/desktop.ts`. */
import { contextBridge, ipcRenderer } from 'electron'

contextBridge.exposeInMainWorld('drydockDesktop', {
  /** Shows a file in the file manager. */
  revealFile: (path: string): Promise<void> => ipcRenderer.invoke('reveal-file', path) as Promise<void>,
  /** The system's dialog for a snapshot; undefined when it was closed. */
  chooseFile: (): Promise<string | undefined> => ipcRenderer.invoke('choose-file') as Promise<string | undefined>,
})
