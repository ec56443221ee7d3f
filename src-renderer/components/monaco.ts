import * as monaco from 'monaco-editor/editor/editor.api.js'
import 'monaco-editor/editor/contrib/find/browser/findController.js'
import 'monaco-editor/editor/contrib/folding/browser/folding.js'
import 'monaco-editor/editor/contrib/comment/browser/comment.js'
import 'monaco-editor/editor/contrib/multicursor/browser/multicursor.js'
import 'monaco-editor/editor/contrib/linesOperations/browser/linesOperations.js'
// What offers services must be there before the first editor: completion does.
import 'monaco-editor/editor/contrib/gotoError/browser/gotoError.js'
import 'monaco-editor/editor/contrib/hover/browser/hoverContribution.js'
import 'monaco-editor/editor/contrib/suggest/browser/suggestController.js'
import 'monaco-editor/languages/definitions/yaml/register.js'

self.MonacoEnvironment = {
  getWorker: () => new Worker(new URL('./monaco-worker.ts', import.meta.url), { type: 'module' }),
}

/** Takes the colours from the tokens of the theme that is on. */
export function applyTheme(): void {
  const root = document.documentElement
  const style = getComputedStyle(root)
  const token = (name: string): string => longHex(style.getPropertyValue(name).trim())
  const dark = root.dataset['theme'] !== 'light'
  monaco.editor.defineTheme('drydock', {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [],
    colors: {
      'editor.background': token('--ground'),
      'editor.foreground': token('--text'),
      'editorLineNumber.foreground': token('--dim'),
      'editor.lineHighlightBorder': token('--edge'),
      'editorError.foreground': token('--failed'),
      'editorOverviewRuler.errorForeground': token('--failed'),
      'editorWidget.background': token('--raised'),
      'editorWidget.foreground': token('--text'),
      'editorWidget.border': token('--edge-strong'),
      'editorSuggestWidget.background': token('--raised'),
      'editorSuggestWidget.selectedBackground': token('--accent-ground'),
      'editorSuggestWidget.selectedForeground': token('--text'),
      'editorSuggestWidget.highlightForeground': token('--accent'),
      'editorHoverWidget.background': token('--raised'),
    },
  })
  monaco.editor.setTheme('drydock')
}

/** `#fff` → `#ffffff`: the bundler shortens colours, the editor reads only long ones. */
const longHex = (color: string): string =>
  /^#[0-9a-f]{3}$/i.test(color) ? color.replaceAll(/[0-9a-f]/gi, '$&$&') : color

export const editorOptions = {
  language: 'yaml',
  automaticLayout: true,
  minimap: { enabled: false },
  fontSize: 12,
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
  lineHeight: 19,
  scrollBeyondLastLine: false,
  tabSize: 2,
  insertSpaces: true,
  renderLineHighlight: 'line' as const,
  folding: true,
  lineNumbersMinChars: 3,
  fixedOverflowWidgets: true,
}

export { monaco }
