import type { ClusterWish } from '../../src-wire/gateway/clusters.ts'
import { restoreSnapshot } from '../cluster/snapshot/restore.ts'
import { runRecipe, type Step } from '../cluster/steps/recipe.ts'
import { deletionSteps } from '../cluster/teardown.ts'
import { upTitles } from '../cluster/up.ts'
import type { OwnCluster } from './own-cluster.ts'
import type { Course, TaskBoard } from './tasks.ts'

/** Makes a cluster, perhaps of a snapshot. What fails or is cancelled leaves nothing of it behind: it is forgotten. */
export async function createCluster(cluster: OwnCluster, wish: ClusterWish, tasks: TaskBoard): Promise<void> {
  try {
    await tasks.run(cluster.name, 'create', (course) => make(cluster, wish, course))
  } catch (error) {
    if (!cluster.directory.exists) cluster.forget()
    throw error
  }
}

async function make(cluster: OwnCluster, wish: ClusterWish, course: Course): Promise<void> {
  const { snapshot, nodes, port } = wish
  if (snapshot === undefined) return cluster.start(course, { nodes, port })
  const { name, directory } = cluster
  let wanted = nodes
  const restore: Step = {
    title: 'Read snapshot',
    async run() {
      const restored = await restoreSnapshot({ directory, name, file: snapshot, stopNodes: async () => {} })
      wanted ??= restored.objects['nodes'] ?? 0
      const { alone: _saved, ...settings } = directory.settings(name)
      directory.saveSettings({ ...settings, ...(wanted === 0 ? { alone: true } : {}) })
    },
  }
  course.plan([restore.title, ...upTitles({ alone: nodes === 0 })])
  await runRecipe([restore], course)
  try {
    await cluster.start(course, { nodes: wanted, port })
  } catch (error) {
    await runRecipe(deletionSteps({ name, directory, note: course.log }))
    throw error
  }
}
