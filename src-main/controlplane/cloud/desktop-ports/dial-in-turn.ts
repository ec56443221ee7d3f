import type { Duplex } from 'node:stream'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import type { Attempt } from './attempts.ts'

/** Milliseconds that a way may take when there is another: what a policy drops, or a wire that is cut, answers nothing. */
const PATIENCE = 3000

/**
 * The stream of the first attempt that succeeds; each begins when the one before has failed or taken too long, and what comes of that one later is
 * ended. The last may take its time. Rejects with the last failure. Nothing has been sent on what is given up.
 */
export async function dialInTurn(
  attempts: readonly Attempt[],
  tunnels: Pick<NodeTunnels, 'get'>,
  clock: Clock,
): Promise<Duplex> {
  let failure: unknown = new Error('no node is connected')
  for (const [index, attempt] of attempts.entries()) {
    try {
      const dialled = dial(attempt, tunnels)
      return await (index === attempts.length - 1 ? dialled : within(dialled, clock, attempt))
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** A node that is gone meanwhile is a failure like any other. */
const dial = async ({ node, host, port }: Attempt, tunnels: Pick<NodeTunnels, 'get'>): Promise<Duplex> =>
  tunnels.get(node).dial(host, port)

function within(dialled: Promise<Duplex>, clock: Clock, { node, host, port }: Attempt): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = clock.after(PATIENCE, () => {
      isLate = true
      reject(new Error(`dial tcp ${host}:${port} from node "${node}": i/o timeout`))
    })
    dialled.then(
      (stream) => {
        timer.cancel()
        if (!isLate) return resolve(stream)
        stream.on('error', () => undefined)
        stream.destroy()
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}
