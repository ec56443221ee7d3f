/**
 * Objects of other clusters by name. Nothing is asked for before somebody searches; then which kinds a cluster has, and of each the names alone,
 * a few kinds at a time and a part of a kind at a time. A budget holds for all of them together, and all of it is let go when the search ends.
 */
import { shallowRef, triggerRef, type ShallowRef } from 'vue'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import { discover, viewsOf } from '../kinds/catalog.ts'
import type { KindView } from '../kinds/view.ts'
import type { Kube } from './kube.ts'
import { isSought, namesOf } from './names-of.ts'
import type { Found } from './search-index.ts'

/** What is known of one cluster so far. */
export interface Findings {
  cluster: string
  state: 'asking' | 'asked' | 'failed'
  /** Why it could not be asked. */
  message: string
  objects: Found[]
}

/** A search that is under way, or over. */
export interface SearchElsewhere {
  /** In the order in which they were asked. */
  readonly findings: ShallowRef<readonly Findings[]>
  /** Has these clusters asked, each once until the search ends. Never rejects. */
  ask(clusters: readonly string[]): Promise<void>
  /** Asks no further, and lets go of all that was found. */
  end(): void
}

/** The clusters whose names are searched. */
export interface SearchElsewhereOptions {
  kubeOf(cluster: string): Kube
  /** Names that are kept of all clusters together, nearly: some two megabytes. */
  most?: number
}

/** Kinds of a cluster that are asked for at the same time. */
const together = 4

/** A search that nobody has begun yet. */
export function createSearchElsewhere({ kubeOf, most = 20_000 }: SearchElsewhereOptions): SearchElsewhere {
  const findings = shallowRef<readonly Findings[]>([])
  let search = 0

  async function askOne(found: Findings): Promise<void> {
    const mine = search
    const goesOn = (): boolean =>
      mine === search && findings.value.reduce((sum, { objects }) => sum + objects.length, 0) < most
    const kube = kubeOf(found.cluster)
    const tell = (change: Partial<Findings> = {}): void => {
      Object.assign(found, change)
      if (mine === search) triggerRef(findings)
    }
    try {
      const left = viewsOf(await discover(kube)).filter(isSought)
      const askNext = async (): Promise<void> => {
        for (let view = left.shift(); view && goesOn(); view = left.shift()) {
          found.objects.push(...(await objectsOf(kube, view, goesOn)))
          tell()
        }
      }
      await Promise.all(Array.from({ length: together }, askNext))
      tell({ state: 'asked' })
    } catch (error) {
      tell({ state: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
  }
  return {
    findings,
    async ask(clusters) {
      const asked = new Set(findings.value.map(({ cluster }) => cluster))
      const more = clusters
        .filter((cluster) => !asked.has(cluster))
        .map((cluster): Findings => ({ cluster, state: 'asking', message: '', objects: [] }))
      if (more.length === 0) return
      findings.value = [...findings.value, ...more]
      await Promise.all(more.map(askOne))
    },
    end() {
      search++
      findings.value = []
    },
  }
}

async function objectsOf(kube: Kube, view: KindView, goesOn: () => boolean): Promise<Found[]> {
  try {
    return (await namesOf(kube, view, goesOn)).map((key) => ({ view, key }))
  } catch (error) {
    // Of a kind that may not be listed nothing is found; its own page says why.
    if (error instanceof StatusError) return []
    throw error
  }
}
