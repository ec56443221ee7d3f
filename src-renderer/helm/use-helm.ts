import { computed, onMounted, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Actions } from '../../src-wire/gateway/actions.ts'
import type { HelmActions, HelmState, ReleaseName, ReleaseTask, ReleaseVerb } from '../../src-wire/gateway/helm.ts'
import { useCluster, useConnection } from '../api/context.ts'
import { useUi } from '../stores/ui.ts'

/** The machine's helm, asked through the gateway. */
export interface HelmUse {
  /** Undefined until it was looked for. */
  state: ShallowRef<HelmState | undefined>
  /** There is a helm that runs. */
  isThere: ComputedRef<boolean>
  /** Looks for helm again. */
  look(): Promise<void>
  /** What helm does to this cluster, or has failed to do. */
  tasks: ComputedRef<ReleaseTask[]>
  /** Rejects with helm's own words. */
  act<Name extends keyof HelmActions>(name: Name, input: Actions[Name]['input']): Promise<Actions[Name]['result']>
  /** Does something to a release and says so at the end; false when it failed, which its task then tells. */
  change<Verb extends ReleaseVerb>(
    verb: Verb,
    wish: HelmActions[`helm.${Verb}`]['input'] & ReleaseName,
  ): Promise<boolean>
}

/** The real helm, working on the cluster on screen. */
export function useHelm(): HelmUse {
  const connection = useConnection()
  const { id } = useCluster()
  const ui = useUi()
  const { t } = useI18n()
  const state = shallowRef<HelmState>()
  const act: HelmUse['act'] = (name, input) => connection.action(id, name, input)
  const tasks = computed(() => connection.releaseTasks.value.filter(({ cluster }) => cluster === id))

  async function look(): Promise<void> {
    try {
      state.value = await act('helm.state', {})
    } catch (error) {
      state.value = { problem: wordsOf(error) }
    }
  }
  onMounted(look)
  onScopeDispose(connection.onOpen(() => void look()))
  return {
    state,
    isThere: computed(() => state.value?.version !== undefined),
    look,
    tasks,
    act,
    async change(verb, wish) {
      try {
        await act(`helm.${verb}`, wish as never)
        ui.toast('info', t(`helm.done.${verb}`, { name: wish.name }))
        return true
      } catch (error) {
        const isTold = tasks.value.some((task) => task.state === 'failed' && isSame(task, wish))
        if (!isTold) ui.toast('error', wordsOf(error))
        return false
      }
    },
  }
}

export const isSame = (a: ReleaseName, b: ReleaseName): boolean => a.name === b.name && a.namespace === b.namespace
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
