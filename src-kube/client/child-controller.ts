/**
 * A controller that aborts with its parent too; whoever takes one aborts it in the end. It leaves nothing with a parent that lives on: of each
 * `AbortSignal.any` Node keeps a reference there, for as long as the parent lives.
 */
export function childController(parent: AbortSignal): AbortController {
  const child = new AbortController()
  const follow = (): void => child.abort(parent.reason)
  if (parent.aborted) {
    follow()
    return child
  }
  parent.addEventListener('abort', follow, { once: true })
  child.signal.addEventListener('abort', () => parent.removeEventListener('abort', follow), { once: true })
  return child
}
