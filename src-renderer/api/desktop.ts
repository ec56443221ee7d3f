/** What a desktop window can do beyond a browser tab; every function has a fallback for the tab. */
interface DesktopBridge {
  revealFile(path: string): Promise<void>
  /** Undefined when nothing was chosen. */
  chooseFile(): Promise<string | undefined>
}

const bridge = (globalThis as { drydockDesktop?: DesktopBridge }).drydockDesktop

/** Shows the file in the file manager; in a tab its path goes to the clipboard. Says which of the two it did. */
export async function revealFile(path: string): Promise<'revealed' | 'copied'> {
  if (bridge) {
    await bridge.revealFile(path)
    return 'revealed'
  }
  await navigator.clipboard.writeText(path)
  return 'copied'
}

/** Lets a person choose a file of this machine; absent in a tab, where its path is typed. */
export const chooseFile = bridge && ((): Promise<string | undefined> => bridge.chooseFile())
