import { useMutationObserver, useResizeObserver } from '@vueuse/core'
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { nextTick, onBeforeUnmount, onMounted, watch, type Ref } from 'vue'
import { leastContrast } from './readable-colour.ts'
import { terminalColours } from './terminal-colours.ts'

interface TerminalOptions {
  /** Fills it, and must have no padding: what fits a terminal in takes the whole of it for its own. */
  host: Ref<HTMLElement | undefined>
  visible: () => boolean
  /** What is typed, pasted or answered by the terminal itself. */
  input: (bytes: Uint8Array) => void
  resized: (columns: number, rows: number) => void
}

/** A terminal in the colours and faces of the app, as large as its host. It is there at once and drawn when the component is. Must be called in setup. */
export function useTerminal({ host, visible, input, resized }: TerminalOptions): Terminal {
  const terminal = new Terminal({
    allowProposedApi: true,
    fontSize: 12,
    scrollback: 20_000,
    cursorBlink: true,
    screenReaderMode: false,
    minimumContrastRatio: leastContrast,
  })
  const fit = new FitAddon()
  onMounted(() => {
    dress(terminal)
    terminal.loadAddon(fit)
    terminal.loadAddon(new SearchAddon())
    terminal.loadAddon(new Unicode11Addon())
    terminal.loadAddon(new WebLinksAddon())
    terminal.unicode.activeVersion = '11'
    terminal.open(host.value!)
    const encoder = new TextEncoder()
    terminal.onData((text) => input(encoder.encode(text)))
    terminal.onBinary((text) => input(Uint8Array.from(text, (c) => c.charCodeAt(0))))
    terminal.attachCustomKeyEventHandler((event) => !isClipboard(event, terminal.hasSelection()))
    terminal.onResize(({ cols, rows }) => resized(cols, rows))
    fit.fit()
  })
  useResizeObserver(host, () => visible() && fit.fit())
  // The theme may be the system's, which changes by itself.
  useMutationObserver(document.documentElement, () => dress(terminal), { attributeFilter: ['data-theme'] })
  watch(visible, async (isVisible) => {
    if (!isVisible) return
    await nextTick()
    fit.fit()
    terminal.focus()
  })
  onBeforeUnmount(() => terminal.dispose())
  return terminal
}

/** Ctrl+C with a selection copies it, Ctrl+V pastes: the browser does both, where a terminal would send a control character. */
const isClipboard = ({ key, ctrlKey, altKey }: KeyboardEvent, hasSelection: boolean): boolean =>
  ctrlKey && !altKey && (key === 'v' || (key === 'c' && hasSelection))

function dress(terminal: Terminal): void {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  terminal.options.fontFamily = token('--mono')
  terminal.options.theme = {
    background: token('--ground'),
    foreground: token('--text'),
    cursor: token('--accent'),
    selectionBackground: token('--accent-ground'),
    ...Object.fromEntries(terminalColours.map((one) => [one.name, token(one.token)])),
  }
}
