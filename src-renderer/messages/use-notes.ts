import { watch, watchEffect } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ClusterTask } from '../../src-wire/gateway/clusters.ts'
import type { Connection } from '../api/connection.ts'
import { kept } from '../stores/kept.ts'
import { useMessages } from '../stores/messages.ts'

/** Keeps what is said otherwise than by messages: that the connection went and came, and which tasks failed. Must be called in the app's setup. */
export function useNotes(connection: Connection, cluster: () => string): void {
  const { t } = useI18n()
  const messages = useMessages()
  watchEffect(() => {
    const id = cluster()
    messages.place = connection.clusters.value?.find((one) => one.id === id)?.name ?? id
  })
  watch(connection.state, (state, before) => {
    if (state === 'lost') messages.note('error', t('messages.lost'))
    else if (state === 'open' && before === 'lost') messages.note('info', t('messages.back'))
  })
  watch([connection.tasks, connection.releaseTasks], ([tasks, releases]) => {
    const failed = [...tasks, ...releases].filter(({ state }) => state === 'failed')
    for (const task of failed) {
      if (told.value.includes(nameOf(task))) continue
      const what =
        'namespace' in task
          ? t(`helm.tasks.${task.verb}`, { ...task })
          : t(`tasks.${task.verb}`, { name: task.cluster })
      messages.note('error', [`${what}:`, task.message, task.remedy].filter(Boolean).join(' '))
    }
    told.value = failed.map(nameOf)
  })
}

/** Failed tasks stay on their board until somebody dismisses them: after a reload they are not told again. */
const told = kept<string[]>('drydock.messages.tasks', [], sessionStorage)
const nameOf = ({ id, verb, cluster }: Pick<ClusterTask, 'id' | 'verb' | 'cluster'>): string =>
  `${id} ${verb} ${cluster}`
