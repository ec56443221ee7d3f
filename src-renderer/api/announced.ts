import { computed, ref, shallowRef } from 'vue'
import type { ClusterTask } from '../../src-wire/gateway/clusters.ts'
import type { ReleaseTask } from '../../src-wire/gateway/helm.ts'
import type { ClusterSummary, ServerMessage } from '../../src-wire/gateway/messages.ts'
import type { PreferencesMessage } from '../../src-wire/gateway/preferences.ts'
import type { Connection } from './connection.ts'

type Announcement = Extract<ServerMessage, { type: 'clusters' | 'tasks' | 'releases' | 'preferences' }>

/** What the gateway tells of by itself, each time as a whole; what went wrong is said by `words`, anew when the app speaks another language. */
export function createAnnounced(words: (text: string) => string): {
  state: Pick<Connection, 'clusters' | 'canCreate' | 'tasks' | 'releaseTasks' | 'version' | 'preferences'>
  receive(message: Announcement): void
} {
  const clusters = shallowRef<readonly ClusterSummary[]>()
  const canCreate = ref(false)
  const tasks = shallowRef<readonly ClusterTask[]>([])
  const releaseTasks = shallowRef<readonly ReleaseTask[]>([])
  const version = ref('')
  const preferences = shallowRef<PreferencesMessage>()
  const said = <T extends { message?: string; remedy?: string }>(one: T): T =>
    one.message === undefined
      ? one
      : { ...one, message: words(one.message), ...(one.remedy ? { remedy: words(one.remedy) } : {}) }
  return {
    state: {
      clusters: computed(() => clusters.value?.map(said)),
      canCreate,
      tasks: computed(() => tasks.value.map(said)),
      releaseTasks: computed(() => releaseTasks.value.map(said)),
      version,
      preferences,
    },
    receive(message) {
      if (message.type === 'tasks') tasks.value = message.tasks
      else if (message.type === 'releases') releaseTasks.value = message.tasks
      else if (message.type === 'preferences') preferences.value = message
      else {
        clusters.value = message.clusters
        version.value = message.version
        canCreate.value = message.canCreate
      }
    },
  }
}
