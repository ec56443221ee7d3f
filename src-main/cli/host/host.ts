import type { UpResult } from '../../cluster/detached-host.ts'
import { up as startCluster } from '../../cluster/up.ts'
import type { UpOptions } from '../../cluster/up-options.ts'
import { OwnCluster } from '../../gateway/own-cluster.ts'
import { TaskBoard } from '../../gateway/tasks.ts'
import type { Output } from '../output.ts'
import { catchInterruption, endWith } from './interruption.ts'
import { ServedApp } from './served-app.ts'
import { tell, tellStep } from './waiting-process.ts'

/** Hosts the cluster in this process until a signal ends it; resolves when it is up. */
export async function host(options: UpOptions, output: Output): Promise<UpResult> {
  const started = performance.now()
  const interruption = catchInterruption()
  const running = await startCluster({ ...options, ...toldTo(output), signal: interruption.signal })
  const tasks = new TaskBoard()
  const own = new OwnCluster(running, { name: options.name, data: options.data, log: output.note, tasks })
  const app = await ServedApp.start(own, output)
  interruption.release()
  const end = endWith(async () => {
    await app.stop()
    await own.leave()
  })
  app.onUnwatched = () => end(0)
  // One that came while the app's server started found nothing to undo any more.
  if (interruption.signal.aborted) end(0)
  running.failed.catch((error: unknown) => {
    output.note(`the cluster cannot go on: ${String(error)}`)
    end(1)
  })
  return {
    cluster: running.name,
    server: running.server,
    kubeconfig: running.kubeconfig,
    app: app.url,
    pid: process.pid,
    elapsed: (performance.now() - started) / 1000,
  }
}

/** Tells of the start here, and to the process that waits for this one. */
const toldTo = (output: Output): Pick<UpOptions, 'plan' | 'progress' | 'log' | 'detail'> => ({
  plan: (titles) => tell({ type: 'plan', titles }),
  progress(progress) {
    output.step(progress)
    tellStep(progress)
  },
  log(line) {
    output.note(line)
    tell({ type: 'log', line })
  },
  detail: (line) => tell({ type: 'log', line }),
})
