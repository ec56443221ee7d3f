import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import type { StreamHandle } from '../api/connection.ts'
import { pathOf, type Kube } from '../api/kube.ts'
import { inOrder, lineSplitter, maxLines, splitTimestamp, type LogLine } from './log-lines.ts'
import { styleAfter, type StyledLine } from './styled-text.ts'
import { hasSequences, plainText } from './terminal-sequences.ts'
import { plainStyle } from './text-style.ts'

/** A container whose log is read. */
export interface LogSource {
  namespace: string
  pod: string
  container: string
}

/** The logs of several containers as one list, in the order of their times. */
export interface FollowedLogs {
  lines: ShallowRef<LogLine[]>
  /** The sources whose stream failed, with the server's words. */
  problems: ShallowRef<Map<string, string>>
  /** Follows exactly these from now on; lines of sources that left stay. */
  follow(sources: LogSource[], options: FollowOptions): void
  clear(): void
  stop(): void
}

interface LogSink {
  add(source: string, time: string, line: StyledLine): void
  report(key: string, problem: string | undefined): void
}

interface FollowOptions {
  previous: boolean
  labelled: boolean
}

const keyOf = ({ pod, container }: LogSource): string => `${pod} ${container}`

/** Follows the logs of several containers into one list of lines; a broken stream is taken up again where it ended. */
export function followLogs(kube: Kube): FollowedLogs {
  const open = new Map<string, FollowedLog>()
  const { lines, add, clear } = collectedLines(() => open.size > 1)
  const problems = shallowRef(new Map<string, string>())
  const report = (key: string, problem: string | undefined): void => {
    if (problem) problems.value.set(key, problem)
    else problems.value.delete(key)
    triggerRef(problems)
  }
  const end = (key: string): void => {
    open.get(key)?.stop()
    open.delete(key)
  }
  return {
    lines,
    problems,
    clear,
    follow(sources, options) {
      const wanted = new Set(sources.map(keyOf))
      for (const key of open.keys()) if (!wanted.has(key)) end(key)
      for (const source of sources) {
        const key = keyOf(source)
        if (!open.has(key)) open.set(key, new FollowedLog(kube, source, options, { add, report }))
      }
    },
    stop() {
      for (const key of open.keys()) end(key)
    },
  }
}

/** Lines as they come, shown once a frame; those of several sources in the order of their times. */
function collectedLines(areMixed: () => boolean) {
  const lines = shallowRef<LogLine[]>([])
  let waiting: LogLine[] = []
  let id = 0
  const flush = (): void => {
    const next = lines.value
    const from = next.length
    for (const line of waiting) next.push(line)
    waiting = []
    if (areMixed()) inOrder(next, from)
    if (next.length > maxLines) next.splice(0, next.length - maxLines)
    triggerRef(lines)
  }
  const add = (source: string, time: string, line: StyledLine): void => {
    if (waiting.length === 0) requestAnimationFrame(flush)
    const hasLook = line.from !== plainStyle || hasSequences(line.raw)
    const text = plainText(line.raw)
    waiting.push(hasLook ? { id: ++id, source, time, text, styled: line } : { id: ++id, source, time, text })
  }
  const clear = (): void => {
    waiting = []
    lines.value = []
  }
  return { lines, add, clear }
}

/** Milliseconds until a stream is taken up again that was lost, or that ended. */
const again = { lost: 1000, ended: 3000 }

/** The log of one container. */
class FollowedLog {
  readonly #kube: Kube
  readonly #source: LogSource
  readonly #options: FollowOptions
  readonly #to: LogSink
  #stream: StreamHandle
  #isStopped = false
  /** Time of the last line. */
  #last = ''
  /** What the last line left on: programs colour several lines at once. */
  #style = plainStyle

  constructor(kube: Kube, source: LogSource, options: FollowOptions, to: LogSink) {
    this.#kube = kube
    this.#source = source
    this.#options = options
    this.#to = to
    this.#stream = this.#open()
  }

  #open(): StreamHandle {
    const since = this.#last
    const key = keyOf(this.#source)
    const { previous, labelled } = this.#options
    const data = lineSplitter((line) => {
      const { time, text } = splitTimestamp(line)
      // The server counts whole seconds: what we have already comes again.
      if (since && time && time <= since) return
      if (time) this.#last = time
      const styled = { raw: text, from: this.#style }
      this.#to.add(labelled ? key : '', time, styled)
      this.#style = styleAfter(styled)
    })
    return this.#kube.connection.open(
      { cluster: this.#kube.cluster, stream: 'log', path: this.#path(since) },
      {
        data,
        opened: () => this.#to.report(key, undefined),
        closed: ({ status, message, lost }) => {
          if (this.#isStopped) return
          // What begins anew is another program's.
          if (!lost) this.#style = plainStyle
          const words = (status as { message?: string } | undefined)?.message ?? message
          if (words) this.#to.report(key, words)
          if (!previous) setTimeout(() => this.#resume(), lost ? again.lost : again.ended)
        },
      },
    )
  }

  #path(since: string): string {
    const { namespace, pod, container } = this.#source
    const query = {
      container,
      timestamps: 'true',
      ...(this.#options.previous ? { previous: 'true' } : { follow: 'true' }),
      ...(since ? { sinceTime: since } : { tailLines: '2000' }),
    }
    return pathOf(pods, { namespace, name: pod, subresource: 'log', query })
  }

  #resume(): void {
    if (!this.#isStopped) this.#stream = this.#open()
  }

  stop(): void {
    this.#isStopped = true
    this.#stream.close()
  }
}

const pods = { group: '', version: 'v1', resource: 'pods' }
