import { useLocalStorage } from '@vueuse/core'

/** Lines that are kept of a cluster. */
const most = 500
/** Letters of a line that is kept: whole manifests are none to be called back. */
const longest = 4000

/** What was written in the consoles of a cluster, the latest last, kept in this browser. A line that begins with a blank is not kept. */
export function useCommandHistory(cluster: string) {
  const lines = useLocalStorage<string[]>(`drydock.kubectl.${cluster}`, [])
  return {
    lines: (): readonly string[] => lines.value,
    add(line: string): void {
      const text = line.trimEnd()
      if (text === '' || /^\s/.test(text) || text.length > longest) return
      lines.value = [...lines.value.filter((one) => one !== text), text].slice(-most)
    },
  }
}
