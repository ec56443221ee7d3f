/** What the cluster's schemas do in an editor: marks, completion, the words of fields. Loaded together with Monaco. */
import type { editor, IDisposable, languages } from 'monaco-editor/editor/editor.api.js'
import { complete, describe } from '../schema/complete.ts'
import { completeNames } from '../schema/complete-names.ts'
import type { Mark, YamlLanguage } from '../schema/use-validation.ts'
import { monaco } from './monaco.ts'

/** Editors without an entry (views that are only read) get no help. */
const known = new WeakMap<editor.ITextModel, YamlLanguage>()

/** Lets a model be completed and explained; registering is done once for all. */
export function teach(model: editor.ITextModel, language: YamlLanguage): void {
  known.set(model, language)
  registered ??= [
    monaco.languages.registerCompletionItemProvider('yaml', completions),
    monaco.languages.registerHoverProvider('yaml', hovers),
  ]
}
let registered: IDisposable[] | undefined

const completions: languages.CompletionItemProvider = {
  triggerCharacters: [' '],
  async provideCompletionItems(model, { lineNumber, column }) {
    const language = known.get(model)
    const text = model.getValue()
    await language?.prepare(text)
    const found =
      language &&
      (complete(text, lineNumber, column, language.schemas(), language.kinds()) ??
        (await completeNames(text, lineNumber, column, language.names)))
    if (!found) return { suggestions: [] }
    const range = {
      startLineNumber: lineNumber,
      endLineNumber: lineNumber,
      startColumn: found.column,
      endColumn: column,
    }
    const indent = ' '.repeat(found.column - 1)
    return {
      suggestions: found.items.map((item, at) => ({
        label: { label: item.label, description: item.required ? `${item.detail} *` : item.detail },
        kind: monaco.languages.CompletionItemKind[item.insert === item.label ? 'Value' : 'Field'],
        documentation: item.description,
        insertText: item.insert.replaceAll('\n', `\n${indent}`),
        insertTextRules: monaco.languages.CompletionItemInsertTextRule.KeepWhitespace,
        sortText: String(at).padStart(4, '0'),
        range,
        // Goes on with what may stand in the field just named.
        ...(item.insert === item.label ? {} : { command: { id: 'editor.action.triggerSuggest', title: '' } }),
      })),
    }
  },
}

const hovers: languages.HoverProvider = {
  async provideHover(model, { lineNumber, column }) {
    const language = known.get(model)
    const line = model.getLineContent(lineNumber)
    const end = line.indexOf(':', column - 1)
    const start = line.search(/[^\s-]/)
    if (!language || end < 0 || start < 0 || column <= start) return null
    const text = model.getValue()
    await language.prepare(text)
    const found = describe(text, lineNumber, end + 1, language.schemas())
    if (!found) return null
    return {
      range: { startLineNumber: lineNumber, endLineNumber: lineNumber, startColumn: start + 1, endColumn: end + 1 },
      contents: [{ value: `**${found.name}** \`${found.type}\`` }, { value: found.description }],
    }
  },
}

/** Puts problems under their texts, into the gutter and onto the scroll bar, in place of those before. */
export function mark(instance: editor.IStandaloneCodeEditor, marks: readonly Mark[]): void {
  const model = instance.getModel()
  if (!model) return
  const rangeOf = ({ line, column, endLine, endColumn }: Mark) => ({
    startLineNumber: line,
    startColumn: column,
    endLineNumber: endLine,
    endColumn,
  })
  const markers = marks.map((one) => ({
    ...rangeOf(one),
    message: one.message,
    severity: monaco.MarkerSeverity.Error,
  }))
  monaco.editor.setModelMarkers(model, 'schema', markers)
  const decorations = marks.map((one) => ({
    range: rangeOf(one),
    options: { glyphMarginClassName: 'problem-glyph', glyphMarginHoverMessage: { value: one.message } },
  }))
  const before = gutters.get(instance)
  if (before) before.set(decorations)
  else gutters.set(instance, instance.createDecorationsCollection(decorations))
}
const gutters = new WeakMap<editor.IStandaloneCodeEditor, editor.IEditorDecorationsCollection>()
