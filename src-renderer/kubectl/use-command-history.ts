import { userStorage } from '../stores/user-storage.ts'

/** Lines that are kept of a cluster. */
const most = 500
/** Letters of a line that is kept: whole manifests are none to be called back. */
const longest = 4000

/** What was written in the consoles of a cluster, the latest last, in whichever window. A line that begins with a blank is not kept. */
export function useCommandHistory(cluster: string) {
  const key = `drydock.kubectl.${cluster}`
  const lines = (): readonly string[] => JSON.parse(userStorage.getItem(key) ?? '[]') as string[]
  return {
    lines,
    add(line: string): void {
      const text = line.trimEnd()
      if (text === '' || /^\s/.test(text) || text.length > longest) return
      userStorage.setItem(key, JSON.stringify([...lines().filter((one) => one !== text), text].slice(-most)))
    },
  }
}
