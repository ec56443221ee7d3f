import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { ActionWorld } from './index.ts'

/** Objects that are asked for at the same time: a thousand requests at once would keep the lists of the same window waiting. */
const atOnce = 16
/** Sentences that one message quotes; the others are counted. */
const mostTold = 3

/**
 * Does something to each of some objects, a few at a time; what fails for one hinders no other. All failures are told in one message, in the
 * server's own words. When some failed, those that were done lose their marks, so that the same key tries the others again.
 *
 * @returns those for which it was done
 */
export async function toEach(
  { ui, t }: Pick<ActionWorld, 'ui' | 't'>,
  objects: readonly KubeObject[],
  run: (object: KubeObject) => Promise<void>,
): Promise<KubeObject[]> {
  const done: KubeObject[] = []
  const words: string[] = []
  const left = objects.values()
  async function work(): Promise<void> {
    for (const object of left) {
      try {
        await run(object)
        done.push(object)
      } catch (error) {
        words.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, objects.length) }, work))
  if (words.length > 0 && done.length > 0) ui.settle(done)
  if (words.length > 0) ui.toast('error', objects.length === 1 ? words[0]! : told(words, objects.length, t))
  return done
}

/** How many of how many failed, and why: each sentence once, on a line of its own. */
function told(words: readonly string[], count: number, t: ActionWorld['t']): string {
  const different = [...new Set(words)]
  const more = different.length - mostTold
  return [
    t(words.length === count ? 'failed.all' : 'failed.some', { failed: words.length, count }),
    ...different.slice(0, mostTold),
    ...(more > 0 ? [t('failed.more', { count: more })] : []),
  ].join('\n')
}
