import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** One query parameter as state: empty means absent. Replaces the history entry unless `push` is set. */
export function useQuery(name: string, options: { push?: boolean } = {}): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => (typeof route.query[name] === 'string' ? route.query[name] : ''),
    set(value) {
      const { [name]: _, ...rest } = route.query
      const query = value === '' ? rest : { ...rest, [name]: value }
      void (options.push ? router.push({ query }) : router.replace({ query }))
    },
  })
}
