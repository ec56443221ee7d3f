import type { Ingress } from '#types/networking.k8s.io/v1'
import type { EventRecorder } from '../src-kube/runtime/events.ts'
import type { Problem } from './plan/model.ts'

/** Tells users once what became of an Ingress: again only when the Ingress has changed or there is something else to tell. */
export class Told {
  readonly #events: EventRecorder
  #known = new Set<string>()

  constructor(events: EventRecorder) {
    this.#events = events
  }

  tell(routed: readonly Ingress[], problems: readonly Problem[]): void {
    const now = new Set<string>()
    const once = (ingress: Ingress, type: 'Normal' | 'Warning', reason: string, message: string): void => {
      const { uid, generation } = ingress.metadata
      const key = JSON.stringify([uid, type === 'Normal' ? generation : ingress.metadata.annotations, reason, message])
      now.add(key)
      if (!this.#known.has(key)) this.#events.event(ingress, type, reason, message)
    }
    for (const { ingress, reason, message } of problems) once(ingress, 'Warning', reason, message)
    for (const ingress of routed) once(ingress, 'Normal', 'Sync', 'nginx routes to the backends of this Ingress')
    this.#known = now
  }
}
