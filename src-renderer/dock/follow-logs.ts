import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import type { StreamHandle } from '../api/connection.ts'
import { pathOf, type Kube } from '../api/kube.ts'
import { inOrder, lineSplitter, maxLines, plainText, splitTimestamp, type LogLine } from './log-lines.ts'

export interface LogSource {
  namespace: string
  pod: string
  container: string
}

export interface FollowedLogs {
  lines: ShallowRef<LogLine[]>
  /** The sources whose stream failed, with the server's words. */
  problems: ShallowRef<Map<string, string>>
  /** Follows exactly these from now on; lines of sources that left stay. */
  follow(sources: LogSource[], options: { previous: boolean; labelled: boolean }): void
  clear(): void
  stop(): void
}

const keyOf = ({ pod, container }: LogSource): string => `${pod} ${container}`

/** Follows the logs of several containers into one list of lines; a broken stream is taken up again where it ended. */
export function followLogs(kube: Kube): FollowedLogs {
  const lines = shallowRef<LogLine[]>([])
  const problems = shallowRef(new Map<string, string>())
  const open = new Map<string, { handle: StreamHandle; stopped: boolean }>()
  let waiting: LogLine[] = []
  let id = 0

  const flush = (): void => {
    const next = lines.value
    const from = next.length
    for (const line of waiting) next.push(line)
    waiting = []
    if (open.size > 1) inOrder(next, from)
    if (next.length > maxLines) next.splice(0, next.length - maxLines)
    triggerRef(lines)
  }
  const add = (source: string, time: string, text: string): void => {
    if (waiting.length === 0) requestAnimationFrame(flush)
    waiting.push({ id: ++id, source, time, text: plainText(text) })
  }
  const report = (key: string, problem: string | undefined): void => {
    if (problem) problems.value.set(key, problem)
    else problems.value.delete(key)
    triggerRef(problems)
  }
  const begin = (source: LogSource, options: { previous: boolean; labelled: boolean }, since: string): void => {
    const key = keyOf(source)
    let last = since
    const feed = lineSplitter((line) => {
      const { time, text } = splitTimestamp(line)
      // The server counts whole seconds: what we have already comes again.
      if (since && time && time <= since) return
      if (time) last = time
      add(options.labelled ? key : '', time, text)
    })
    const query = {
      container: source.container,
      timestamps: 'true',
      ...(options.previous ? { previous: 'true' } : { follow: 'true' }),
      ...(since ? { sinceTime: since } : { tailLines: '2000' }),
    }
    const path = pathOf(pods, { namespace: source.namespace, name: source.pod, subresource: 'log', query })
    const entry = { stopped: false } as { handle: StreamHandle; stopped: boolean }
    entry.handle = kube.connection.open(
      { cluster: kube.cluster, stream: 'log', path },
      {
        opened: () => report(key, undefined),
        data: feed,
        closed({ status, message, lost }) {
          if (entry.stopped) return
          const words = (status as { message?: string } | undefined)?.message ?? message
          if (words) report(key, words)
          if (options.previous) return
          setTimeout(() => !entry.stopped && begin(source, options, last), lost ? 1000 : 3000)
        },
      },
    )
    open.set(key, entry)
  }
  const end = (key: string): void => {
    const entry = open.get(key)
    if (!entry) return
    entry.stopped = true
    entry.handle.close()
    open.delete(key)
  }
  return {
    lines,
    problems,
    follow(sources, options) {
      const wanted = new Set(sources.map(keyOf))
      for (const key of open.keys()) if (!wanted.has(key)) end(key)
      for (const source of sources) if (!open.has(keyOf(source))) begin(source, options, '')
    },
    clear() {
      waiting = []
      lines.value = []
    },
    stop() {
      for (const key of open.keys()) end(key)
    },
  }
}

const pods = { group: '', version: 'v1', resource: 'pods' }
