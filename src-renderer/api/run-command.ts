import { channel } from '../../src-wire/gateway/frames.ts'
import { pathOf, type Kube } from './kube.ts'

/** The container that a command runs in. */
export interface ContainerRef {
  namespace: string
  pod: string
  container: string
}

/** Bytes of one message of a command's input. */
const chunk = 64 * 1024

/**
 * Runs a command in a container to its end and gives what it wrote, in parts as they came. `input` is written to it as soon as it runs; its end
 * is not told of, so the command has to know how much to read. Rejects with the last it said on standard error, or else with the server's words,
 * when it fails, cannot be started or the connection is lost.
 */
export function runCommand(
  { connection, cluster }: Pick<Kube, 'connection' | 'cluster'>,
  { namespace, pod, container }: ContainerRef,
  command: readonly string[],
  input?: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const query = { container, command: [...command], stdin: String(input !== undefined), stdout: 'true', stderr: 'true' }
  const path = pathOf(
    { group: '', version: 'v1', resource: 'pods' },
    { namespace, name: pod, subresource: 'exec', query },
  )
  return new Promise((resolve, reject) => {
    const written: Uint8Array<ArrayBuffer>[] = []
    const words = new TextDecoder()
    let complaint = ''
    const stream = connection.open(
      { cluster, stream: 'exec', path },
      {
        opened() {
          for (let at = 0; input && at < input.length; at += chunk) stream.write(input.subarray(at, at + chunk))
        },
        data(bytes, from) {
          if (from === channel.stdout) written.push(new Uint8Array(bytes))
          else complaint += words.decode(bytes, { stream: true })
        },
        closed({ status, message, lost }) {
          const said = status as { status?: string; message?: string } | undefined
          if (said?.status === 'Success' && !lost) resolve(written)
          else
            reject(
              new Error(complaint.trim().split('\n').at(-1) || said?.message || message || 'The connection was lost.'),
            )
        },
      },
    )
  })
}
