import type { Container, Pod } from '#types/core/v1'
import type { Observed } from '../plan/observed.ts'
import type { PodContext } from '../pod-context.ts'
import { runHook } from './hooks.ts'

/** preStop, then SIGTERM (or the image's own signal), then SIGKILL when the grace period is over. All containers at once. */
export async function stopContainers(
  context: PodContext,
  pod: Pod,
  running: ReadonlyArray<{ container: Container; observed: Observed }>,
  grace: number,
): Promise<void> {
  await Promise.all(
    running.map(async ({ container, observed }) => {
      const started = context.clock.monotonic()
      const hook = container.lifecycle?.preStop
      if (hook && grace > 0) {
        const failed = await runHook(context, pod, observed, hook, grace * 1000)
        if (failed) context.event(pod, container, 'Warning', 'FailedPreStopHook', failed)
      }
      const left = Math.max(grace > 0 ? 1 : 0, Math.ceil(grace - (context.clock.monotonic() - started) / 1000))
      try {
        await context.engine.docker.getContainer(observed.id).stop({ t: left })
      } catch (error) {
        const { statusCode } = error as { statusCode?: number }
        if (statusCode !== 304 && statusCode !== 404) throw error
      }
      await context.engine.look(observed.id)
    }),
  )
}
