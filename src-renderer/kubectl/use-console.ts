import { computed, onBeforeUnmount, onMounted, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import type { Actions } from '../../src-wire/gateway/actions.ts'
import type { KubectlActions, KubectlState } from '../../src-wire/gateway/kubectl.ts'
import type { StreamHandle } from '../api/connection.ts'
import { useCluster } from '../api/context.ts'
import { useTerminal } from '../dock/use-terminal.ts'
import { useDock, type DockTab } from '../stores/dock.ts'
import { chosenNamespace } from './chosen-namespace.ts'
import type { WrittenCommand } from './command-line.ts'
import { ConsoleDriver } from './console-driver.ts'
import { useCommandHistory } from './use-command-history.ts'
import { useDiversions } from './use-diversions.ts'

export interface ConsoleProps {
  tab: Extract<DockTab, { kind: 'kubectl' }>
  visible: boolean
}

/** Empties a terminal and what it scrolled away, as part of what is written; pasted text is told from typed text. */
const empty = '\x1bc\x1b[3J\x1b[?2004h'

/** A console in a terminal: the tab's own at the gateway, looked at anew whenever the connection comes back. Must be called in setup. */
export function useConsole(props: ConsoleProps, host: Ref<HTMLElement | undefined>) {
  const { kube, summary } = useCluster()
  const { connection, cluster } = kube
  const dock = useDock()
  const { t } = useI18n()
  const state = shallowRef<KubectlState>()
  /** Why kubectl does not run. */
  const problem = ref<string>()
  /** For those who do not see the terminal: how it stands. */
  const told = ref('')
  let stream: StreamHandle | undefined
  const id = props.tab.console
  const act = <Name extends keyof KubectlActions>(
    name: Name,
    input: Actions[Name]['input'],
  ): Promise<Actions[Name]['result']> => connection.action(cluster, name, input)
  const quietly = (done: Promise<unknown>): void => void done.catch((error: unknown) => driver.tell(wordsOf(error)))
  const choose = (namespace: string): void => dock.change(props.tab.id, { namespace })
  const namespace = (): string => props.tab.namespace

  const terminal = useTerminal({
    host,
    visible: () => props.visible,
    input: (bytes) => driver.type(new TextDecoder().decode(bytes)),
    resized: () => driver.resized(),
  })
  const driver = new ConsoleDriver({
    terminal,
    namespace,
    home: () => state.value?.home ?? '~',
    history: useCommandHistory(cluster),
    divert: useDiversions({ namespace, choose }),
    run: async (command) =>
      (await act('kubectl.run', { ...wishOf(command), console: id, namespace: namespace() })).succeeded,
    interrupt: () => quietly(act('kubectl.interrupt', { console: id })),
    complete: (words) => act('kubectl.complete', { words, namespace: namespace() }),
    input: (text) => stream?.write(new TextEncoder().encode(text)),
    clear() {
      terminal.write(empty)
      quietly(act('kubectl.clear', { console: id }))
    },
    running(line, note) {
      dock.setBusy(props.tab.id, line === undefined ? undefined : 'running')
      dock.change(props.tab.id, { line: line?.split('\n')[0] })
      if (line !== undefined) told.value = t('kubectl.runs', { line })
      else if (note?.type === 'ended')
        told.value = note.message ?? t('kubectl.ended', { code: note.code ?? note.signal })
    },
    words: (key, values) => t(`kubectl.${key}`, values ?? {}),
  })

  async function look(): Promise<void> {
    try {
      state.value = await act('kubectl.state', {})
      problem.value = undefined
    } catch (error) {
      problem.value = wordsOf(error)
    }
  }

  function attach(): void {
    stream?.close()
    terminal.write(empty)
    const { version = '', home = '~' } = state.value ?? {}
    driver.begin(version && t('kubectl.greeting', { version, home, cluster: summary.value?.name ?? cluster }))
    stream = connection.open(
      { cluster, stream: 'console', path: id },
      {
        data: (bytes, on) => driver.output(bytes.slice(), on),
        closed: ({ message, lost }) => (lost || message ? driver.tell(message ?? t('kubectl.lost')) : undefined),
      },
    )
  }

  useNamespaceOfPage(props, choose, () => driver.refresh())
  onMounted(() => {
    terminal.options.convertEol = true
    terminal.textarea?.setAttribute('aria-label', t('kubectl.label'))
    terminal.attachCustomKeyEventHandler((event) => !isClipboard(event, terminal.hasSelection()))
    onScopeDispose(connection.onOpen(() => void look().then(attach)))
  })
  onBeforeUnmount(() => stream?.close())
  return {
    state,
    problem,
    told,
    look: () => look().then(attach),
    choose,
    isRunning: computed(() => dock.busy[props.tab.id] === 'running'),
    interrupt: () => driver.interrupt(),
    clear: () => driver.type('\f'),
    focus: () => terminal.focus(),
  }
}

/** Commands look in the namespace of the page, once another one is chosen there while the console is seen. */
function useNamespaceOfPage(props: ConsoleProps, choose: (name: string) => void, changed: () => void): void {
  const route = useRoute()
  watch(
    () => chosenNamespace(route.query['ns']),
    (name) => name !== undefined && props.visible && choose(name),
  )
  watch(() => props.tab.namespace, changed)
}

const wishOf = ({ line, words, filters, input }: WrittenCommand) => ({
  line,
  words,
  filters,
  ...(input === undefined ? {} : { input }),
})

/** Copies what is selected, and pastes: the browser does both. */
const isClipboard = ({ key, ctrlKey, altKey }: KeyboardEvent, hasSelection: boolean): boolean =>
  ctrlKey && !altKey && (key === 'v' || (key === 'c' && hasSelection))

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
