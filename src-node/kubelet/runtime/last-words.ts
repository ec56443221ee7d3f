import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import { open } from 'node:fs/promises'
import { termination } from './container-options.ts'
import { startOfLog } from './runtime-words.ts'

/** Bytes of the file that are kept. */
const MOST_BYTES = 4096
/** Of the log, when it stands in for the file. */
const MOST_LOG_BYTES = 2048
const MOST_LOG_LINES = 80

/**
 * What an ended container says about its end: the file that it was given for that, or the end of its log when it failed without a
 * word and its policy allows (kubernetes.io, "Determine the Reason for Pod Failure"). Empty when there is nothing.
 */
export async function lastWords(docker: Docker, info: ContainerInspectInfo): Promise<string> {
  const { Labels } = info.Config
  const path = Labels[termination.path]
  const words = await readStart(info.Mounts.find(({ Destination }) => Destination === path)?.Source)
  const fallBack = Labels[termination.policy] === 'FallbackToLogsOnError' && info.State.ExitCode !== 0
  return words === '' && fallBack ? endOfLog(docker, info) : words
}

async function readStart(path: string | undefined): Promise<string> {
  if (path === undefined) return ''
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? '' : `Error on reading termination log ${path}: ${message}`
  }
}

async function endOfLog(docker: Docker, { Id, Config }: ContainerInspectInfo): Promise<string> {
  const asked = { stdout: true, stderr: true, tail: MOST_LOG_LINES, follow: false } as const
  try {
    const raw = await docker.getContainer(Id).logs(asked)
    const text = Config.Tty ? raw : Buffer.concat([...frames(raw)])
    return startOfLog(text).subarray(-MOST_LOG_BYTES).toString('utf8')
  } catch (error) {
    return `Error reading termination message from logs: ${error instanceof Error ? error.message : String(error)}`
  }
}

const HEADER = 8

/** The parts of the engine's multiplexed output, without their headers. */
function* frames(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at + HEADER <= raw.length;) {
    const end = at + HEADER + raw.readUInt32BE(at + 4)
    yield raw.subarray(at + HEADER, end)
    at = end
  }
}
