import { ref, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { ClusterWish } from '../../src-wire/gateway/clusters.ts'
import { useConnection } from '../api/context.ts'

/** Makes clusters, and goes to each when it is up, if its maker still waits for it on the page where it was asked for. */
export function useCreate(): { isBusy: Readonly<Ref<boolean>>; create(wish: ClusterWish): Promise<boolean> } {
  const connection = useConnection()
  const router = useRouter()
  const isBusy = ref(false)
  return {
    isBusy,
    async create(wish) {
      const { name: asked } = router.currentRoute.value
      isBusy.value = true
      try {
        const { id } = await connection.action('', 'cluster.create', wish)
        if (router.currentRoute.value.name === asked) await router.push({ name: 'overview', params: { cluster: id } })
        return true
      } catch (error) {
        // Why is told by its task, in every window.
        if (connection.tasks.value.some((task) => task.cluster === wish.name)) return false
        if (isCancelled(error)) return false
        throw error
      } finally {
        isBusy.value = false
      }
    },
  }
}

/** By what the gateway said, whatever the app's language. */
const isCancelled = (error: unknown): boolean =>
  error instanceof Error && typeof error.cause === 'string' && error.cause.startsWith('Cancelled')
