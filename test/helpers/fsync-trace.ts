/**
 * What a trace of system calls says about durability. The traced process writes `ACK <key>` lines once a write of that key was
 * acknowledged; the commit log shows the key in the one write of its batch. In between, the log must have been forced to disk: by
 * a sync that began after the batch was written and ended before the acknowledgement began.
 */

/** One finished system call; `began` and `ended` are its places in the order that strace saw. */
interface SystemCall {
  name: string
  /** Of the file it was called on. */
  path: string
  bytes: Buffer
  result: number
  began: number
  ended: number
}

export interface TraceReport {
  acknowledged: number
  /** Syncs of the log. */
  syncs: number
  /** One sentence for each acknowledgement that came too early. */
  violations: string[]
}

/** What strace is to be called with: `strace ${straceOptions} -o FILE COMMAND`. */
export const straceOptions = [
  '-f',
  '-y',
  '-ttt',
  '-xx',
  '-s',
  '65536',
  '-e',
  'trace=fsync,fdatasync,write,pwrite64,writev,pwritev,sendto',
]

const CALL = /^(?<pid>\d+) +[\d.]+ (?<name>\w+)\((?<rest>.*)$/
const RESUMED = /^(?<pid>\d+) +[\d.]+ <\.\.\. (?<name>\w+) resumed>(?<rest>.*)$/
const UNFINISHED = ' <unfinished ...>'

/** strace's strings, which `-xx` prints as `\x2f\x74…`. */
const unhex = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex')

function callOf(name: string, args: string, began: number, ended: number): SystemCall {
  return {
    name,
    path: unhex(/^\d+<((?:\\x..)*)>/.exec(args)?.[1] ?? '').toString(),
    bytes: Buffer.concat([...args.matchAll(/"((?:\\x..)*)"/g)].map((match) => unhex(match[1]!))),
    result: Number(/= (-?\d+)[^=]*$/.exec(args)?.[1] ?? Number.NaN),
    began,
    ended,
  }
}

/** The calls of a trace (`strace ${straceOptions}`), in the order in which they ended. */
export function parseTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, { args: string; began: number }>()
  trace.split('\n').forEach((line, place) => {
    const { pid = '', name = '', rest = '' } = (CALL.exec(line) ?? RESUMED.exec(line))?.groups ?? {}
    const begun = RESUMED.test(line) ? unfinished.get(pid) : { args: '', began: place }
    if (!name || !begun) return
    if (rest.endsWith(UNFINISHED)) unfinished.set(pid, { args: rest.slice(0, -UNFINISHED.length), began: place })
    else calls.push(callOf(name, begun.args + rest, begun.began, place))
  })
  return calls
}

/** Judges every `ACK` of the trace by the log file whose path ends with `logName`. */
export function checkTrace(trace: string, logName: string): TraceReport {
  const calls = parseTrace(trace)
  const ofLog = calls.filter(({ path, result }) => path.endsWith(logName) && result >= 0)
  const syncs = ofLog.filter(({ name }) => name === 'fsync' || name === 'fdatasync')
  const log = ofLog.filter(({ name }) => name.includes('write'))
  const violations: string[] = []
  let acknowledged = 0
  for (const call of calls) {
    if (!call.name.includes('write') || call.path.endsWith(logName)) continue
    for (const [, key] of call.bytes.toString('latin1').matchAll(/ACK (\S+)\n/g)) {
      acknowledged++
      const commit = log.find(({ bytes }) => bytes.includes(key!))
      if (!commit) violations.push(`${key} was acknowledged and never committed to the log`)
      else if (commit.ended > call.began) violations.push(`${key} was acknowledged before it was written`)
      else if (!syncs.some(({ began, ended }) => began > commit.ended && ended < call.began))
        violations.push(`${key} was acknowledged before the log was forced to disk`)
    }
  }
  return { acknowledged, syncs: syncs.length, violations }
}
