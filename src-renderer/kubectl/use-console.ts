import { computed, onBeforeUnmount, onMounted, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import type { ConsoleNote, KubectlState } from '../../src-wire/gateway/kubectl.ts'
import { useCluster } from '../api/context.ts'
import { useTerminal } from '../dock/use-terminal.ts'
import { saidIn } from '../i18n/index.ts'
import { useDock, type DockTab } from '../stores/dock.ts'
import { chosenNamespace } from './chosen-namespace.ts'
import { ConsoleDriver } from './console-driver.ts'
import { ConsoleLink } from './console-link.ts'
import { useCommandHistory } from './use-command-history.ts'
import { useDiversions } from './use-diversions.ts'

/** The tab of the dock whose console is shown, and whether it is in sight. */
export interface ConsoleProps {
  tab: Extract<DockTab, { kind: 'kubectl' }>
  visible: boolean
}

/** Empties a terminal and what it scrolled away, as part of what is written; pasted text is told from typed text. */
const empty = '\x1bc\x1b[3J\x1b[?2004h'

/** A console in a terminal: the tab's own at the gateway, looked at anew whenever the connection comes back. Must be called in setup. */
export function useConsole(props: ConsoleProps, host: Ref<HTMLElement | undefined>) {
  const { kube } = useCluster()
  const dock = useDock()
  const { t, locale } = useI18n()
  const link = new ConsoleLink(kube, props.tab.console)
  const quietly = (done: Promise<void>): void => void done.catch((error: unknown) => driver.tell(wordsOf(error)))
  const choose = (name: string): void => dock.change(props.tab.id, { namespace: name })
  const namespace = (): string => props.tab.namespace
  const { told, isRunning, running } = useStanding(props)
  const terminal = useTerminal({
    host,
    visible: () => props.visible,
    input: (bytes) => driver.type(new TextDecoder().decode(bytes)),
    resized: () => driver.resized(),
  })
  const driver = new ConsoleDriver({
    terminal,
    namespace,
    running,
    home: () => program.state.value?.home ?? '~',
    history: useCommandHistory(kube.cluster),
    divert: useDiversions({ namespace, choose }),
    run: (command) => link.run(command, namespace()),
    interrupt: () => quietly(link.interrupt()),
    complete: (command) => link.complete(command, namespace()),
    input: (text) => link.input(text),
    clear() {
      terminal.write(empty)
      quietly(link.clear())
    },
    words: (key, values) => t(`kubectl.${key}`, values ?? {}),
    said: (text) => saidIn(locale.value, text),
  })
  const program = useProgram(link, (greeting) => {
    terminal.write(empty)
    driver.begin(greeting)
    link.attach({
      data: (bytes, on) => driver.output(bytes.slice(), on),
      closed: ({ message, lost }) => (lost || message ? driver.tell(message ?? t('kubectl.lost')) : undefined),
    })
  })

  useNamespaceOfPage(props, choose, () => driver.refresh())
  onMounted(() => terminal.textarea?.setAttribute('aria-label', t('kubectl.label')))
  onBeforeUnmount(() => link.leave())
  const [interrupt, clear] = [() => driver.interrupt(), () => driver.type('\f')]
  return { ...program, told, isRunning, choose, interrupt, clear, focus: () => terminal.focus() }
}

/** Looks for kubectl whenever the connection stands, then begins with a sentence on which one it is. */
function useProgram(link: ConsoleLink, begin: (greeting: string) => void) {
  const { kube, summary } = useCluster()
  const { t } = useI18n()
  const state = shallowRef<KubectlState>()
  /** Why kubectl does not run. */
  const problem = ref<string>()
  async function look(): Promise<void> {
    try {
      state.value = await link.state()
      problem.value = undefined
    } catch (error) {
      problem.value = wordsOf(error)
    }
    const { version, home } = state.value ?? {}
    const facts = { version, home, cluster: summary.value?.name ?? kube.cluster }
    begin(version === undefined || problem.value ? '' : t('kubectl.greeting', facts))
  }
  onMounted(() => onScopeDispose(kube.connection.onOpen(() => void look())))
  return { state, problem, look }
}

/** What the tab says of what runs in it, and what those are told who do not see the terminal. */
function useStanding(props: ConsoleProps) {
  const dock = useDock()
  const { t, locale } = useI18n()
  const told = ref('')
  function running(line: string | undefined, note?: ConsoleNote): void {
    dock.setBusy(props.tab.id, line === undefined ? undefined : 'running')
    dock.change(props.tab.id, { line: line?.split('\n')[0] })
    if (line !== undefined) told.value = t('kubectl.runs', { line })
    else if (note?.type === 'ended')
      told.value = note.message
        ? saidIn(locale.value, note.message)
        : t('kubectl.ended', { code: note.code ?? note.signal })
  }
  return { told, isRunning: computed(() => dock.busy[props.tab.id] === 'running'), running }
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

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
