import { effectScope, watch, type Ref } from 'vue'
import type { WatchHandlers, WatchSource } from '../api/watch-list.ts'
import type { Moment } from './moment.ts'

/** A source that can also be listed as it was. */
export interface TimedSource extends Omit<WatchSource, 'list'> {
  /** @param moment undefined for now */
  list(moment: Moment | undefined, ...more: Parameters<WatchSource['list']>): ReturnType<WatchSource['list']>
}

/** As a server ends a watch from a revision that it has forgotten: the list is read anew, and only what differs changes on screen. */
const anew = { status: { code: 410 } }

/**
 * A source that follows a moment: what is listed is of then, and nothing happens any more; when another moment is looked at, or now, the
 * list is read anew. Without a moment it is the source as it is.
 */
export function inTime(moment: Readonly<Ref<Moment | undefined>> | undefined, source: TimedSource): WatchSource {
  const { watch: follow, onOpen } = source
  if (!moment) return { list: (...more) => source.list(undefined, ...more), watch: follow, onOpen }
  /** Of what was listed last. */
  let listed: string | undefined
  const revisionOf = (): string | undefined => moment.value?.revision
  return {
    onOpen,
    async list(...more) {
      const asked = moment.value
      const answer = await source.list(asked, ...more)
      listed = asked?.revision
      return answer
    },
    watch(revision, handlers) {
      if (listed !== revisionOf()) {
        let isOver = false
        queueMicrotask(() => isOver || handlers.closed(anew))
        return { close: () => (isOver = true) }
      }
      const stream = listed === undefined ? follow(revision, handlers) : standing(handlers)
      const scope = effectScope(true)
      scope.run(() =>
        watch(
          revisionOf,
          () => {
            scope.stop()
            stream.close()
            handlers.closed(anew)
          },
          { flush: 'sync' },
        ),
      )
      return {
        close() {
          scope.stop()
          stream.close()
        },
      }
    },
  }
}

/** A watch of what does not change any more. */
function standing(handlers: WatchHandlers): { close(): void } {
  let isOver = false
  queueMicrotask(() => isOver || handlers.opened())
  return { close: () => (isOver = true) }
}
